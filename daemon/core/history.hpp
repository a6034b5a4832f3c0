#pragma once
// Statistics of past jobs: how long a VM's export usually takes, and which exports failed lately. Pure.

#include "daemon/core/due.hpp"
#include "daemon/core/job.hpp"

#include <deque>
#include <map>
#include <optional>
#include <unordered_set>

namespace sb::core {

/// A scheduled export that succeeded.
struct Success {
    std::string backup;
    std::string vm_name;
    UtcTime started;  ///< as the manifest's
    ExportEnd end = ExportEnd::unknown;
};

/// The newest two of each VM, newest first.
using Successes = std::map<VmUuid, std::vector<Success>>;

class History {
public:
    /// Records a finished backup job, scheduled or manual; others are ignored, and what a manifest claims. Call it in
    /// the order in which they finished.
    void note(Job const& job);

    /// Forgets VMs that no longer exist if more than `max_vms` are known.
    void forget_others(std::unordered_set<VmUuid> const& existing, std::size_t max_vms);

    /// Scheduled exports that failed since then, by VM; a later success clears them. A cancelled export counts too, so
    /// that it does not start again immediately.
    std::map<VmUuid, Failures> failures_since(UtcTime opening) const;
    /// The median of the last few exports, by VM.
    std::map<VmUuid, Milliseconds> usual_durations() const;
    /// The newest two scheduled exports of each VM that succeeded, newest first.
    Successes successes() const;
    /// The newest of them of one VM.
    std::optional<Success> newest_success(VmUuid const& vm) const;
    /// The VM's newest export, if it failed.
    std::optional<Job> last_failure(VmUuid const& vm) const;
    /// The schedule's last export of the VM that failed since the last success.
    std::optional<Job> last_scheduled_failure(VmUuid const& vm) const;

private:
    struct VmHistory {
        std::deque<Milliseconds> durations;  ///< newest last
        std::deque<Job> failures;            ///< since the last success, newest last
        std::vector<Success> successes;      ///< scheduled, newest first
    };
    std::map<VmUuid, VmHistory> vms_;
};

}  // namespace sb::core
