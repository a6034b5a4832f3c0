#pragma once
// What the scheduler tells people who are not looking. Real: the app, over daemon/notify. Nothing here waits.

#include "daemon/core/job.hpp"
#include "daemon/core/plan.hpp"
#include "daemon/core/run.hpp"

#include <string>
#include <vector>

namespace sb::ports {

/// What keeps the schedule from its work. People are told of each kind by itself: one VM that does not fit must not
/// hide that nothing is backed up any more.
enum class Blocked { cluster, storage, clock, no_room, internal };

class Alerts {
public:
    virtual ~Alerts() = default;

    /// A run ended. Told only if something failed in it; a good one ends the causes of earlier alerts.
    virtual void run_ended(core::Run const& run, std::vector<core::Job> const& failed) = 0;
    virtual void behind_schedule(std::vector<core::Behind> const& behind) = 0;
    /// A Tag is set and no VM has it, so nothing is backed up. `known`: the tags that VMs do have.
    virtual void tag_matches_nothing(std::string const& tag, std::vector<std::string> const& known) = 0;
    virtual void tag_matches(std::string const& tag) = 0;
    /// A proof found that a backup is damaged, incomplete or cannot be read (the job's error says which).
    /// `newest_good`: the newest other complete backup of that VM; empty = there is none.
    virtual void verification_failed(core::Job const& job, std::string const& newest_good) = 0;
    virtual void verification_held(std::string const& backup) = 0;
    /// The schedule cannot do its work, or not all of it: why, in words.
    virtual void schedule_blocked(Blocked kind, std::string const& words) = 0;
    /// Nothing keeps it from its work.
    virtual void schedule_works() = 0;
};

}  // namespace sb::ports
