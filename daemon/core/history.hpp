#pragma once
// What past jobs teach: how long a VM's export usually takes, and what failed lately. Pure.

#include "daemon/core/due.hpp"
#include "daemon/core/job.hpp"

#include <deque>
#include <map>
#include <optional>
#include <unordered_set>

namespace sb::core {

class History {
public:
    /// Takes note of a finished backup job, scheduled or manual; others are ignored. In order of their end.
    void note(Job const& job);

    /// Forgets VMs that do not exist any more if more than `enough` are known.
    void forget_others(std::unordered_set<VmUuid> const& existing, std::size_t enough);

    /// Scheduled exports that failed since then, by VM; a later success forgives them. One that somebody cancelled
    /// counts too: it is not to be started again at once.
    std::map<VmUuid, Failures> failures_since(UtcTime opening) const;
    /// The median of the last few exports, by VM.
    std::map<VmUuid, Milliseconds> usual_durations() const;
    /// The VM's newest export if it failed.
    std::optional<Job> last_failure(VmUuid const& vm) const;

private:
    struct OfVm {
        std::deque<Milliseconds> durations;  ///< newest last
        std::deque<Job> failures;            ///< since the last success, newest last
    };
    std::map<VmUuid, OfVm> vms_;
};

}  // namespace sb::core
