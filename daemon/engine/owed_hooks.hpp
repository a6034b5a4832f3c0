#pragma once
// Runs the delayed PostBackup hooks that are owed, one at a time. They are rows of the journal, so neither a restart
// nor a change of the configuration loses one. A hook that a restart interrupts runs again. Until its hook has run, a
// backup is leased: it is not deleted. Surplus backups that are kept so for more than a day are a condition: the disk
// would fill without a word.

#include "daemon/async/task.hpp"
#include "daemon/core/owed_hook.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/leases.hpp"
#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/journal.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

struct EndedHook {
    core::OwedHook hook;
    std::string problem;  ///< why it failed; empty if it succeeded
};

class OwedHooks {
public:
    OwedHooks(ports::Journal& journal, ports::JobHooks& hooks, Leases& leases, ConditionRegistry& conditions)
        : journal_(journal), hooks_(hooks), leases_(leases), conditions_(conditions) {}

    /// Leases the backups of those that are owed from an earlier start.
    task<void> load();
    /// Call it for every job that finishes, before its own lease ends.
    void note(core::Job const& finished);
    /// Runs the oldest one to its end. Nothing if none is owed, or the journal cannot be read.
    task<std::optional<EndedHook>> run_next();
    /// The one that runs now.
    std::optional<core::OwedHook> const& running() const { return running_; }
    /// How many have not run, with the one that runs.
    std::size_t count() const { return held_.size(); }
    /// After each clean-up that was not stopped: the surplus backups that something uses, so that they were kept.
    void note_surplus(std::vector<std::string> const& in_use, UtcTime now);

private:
    task<std::string> run(core::OwedHook hook);
    task<void> settle_ended();
    void lease(core::OwedHook const& hook);
    void release(core::OwedHook const& hook);
    void judge_surplus();

    struct Held {
        Leases::Lease lease;
        core::OwedHook hook;
    };

    ports::Journal& journal_;
    ports::JobHooks& hooks_;
    Leases& leases_;
    ConditionRegistry& conditions_;
    std::optional<core::OwedHook> running_;
    std::map<JobId, Held> held_;                     ///< those that have not run
    std::map<std::string, core::OwedHook> surplus_;  ///< by backup: those that keep it from being deleted
    /// Those that have run, with their problems, as far as the journal could not record it: they do not run again.
    std::map<JobId, std::string> ended_;
};

}  // namespace sb::engine
