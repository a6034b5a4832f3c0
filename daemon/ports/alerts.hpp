#pragma once
// What is reported by mail. Real: the app, over daemon/notify. Nothing here waits.

#include "daemon/core/job.hpp"
#include "daemon/core/plan.hpp"
#include "daemon/core/run.hpp"

#include <string>
#include <vector>

namespace sb::ports {

/// What keeps the schedule from its work. Each kind is reported on its own: one VM that does not fit must not hide that
/// nothing is backed up any longer. `hold`: nothing may be ordered at the cluster.
enum class Blocked { cluster, storage, no_space, internal, hold };

class Alerts {
public:
    virtual ~Alerts() = default;

    /// A run ended, or a window without one closed. Reported only if something failed in it or a VM was not reached.
    virtual void run_ended(core::Run const& run, std::vector<core::Job> const& failed) = 0;
    virtual void behind_schedule(std::vector<core::Behind> const& behind) = 0;
    /// A Tag is set and no VM has it, so nothing is backed up. `known`: the tags that VMs do have.
    virtual void tag_matches_nothing(std::string const& tag, std::vector<std::string> const& known) = 0;
    virtual void tag_matches(std::string const& tag) = 0;
    /// A verification found that a backup is damaged, incomplete or unreadable (the job's error says which).
    /// `newest_good`: the newest other complete backup of that VM; empty = none exists.
    virtual void verification_failed(core::Job const& job, std::string const& newest_good) = 0;
    virtual void verification_passed(std::string const& backup) = 0;
    /// The schedule cannot do its work, or not all of it; `reason` says why.
    virtual void schedule_blocked(Blocked kind, std::string const& reason) = 0;
    /// Nothing blocks it any longer.
    virtual void schedule_unblocked() = 0;
    /// The clock is believed again although nothing confirmed it; `doubt` says why it was not.
    virtual void clock_accepted(std::string const& doubt) = 0;
};

}  // namespace sb::ports
