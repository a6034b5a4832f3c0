#pragma once
// Runs the delayed PostBackup hooks that are owed, one at a time. They are rows of the journal, so neither a restart
// nor a change of the configuration loses one. A hook that a restart interrupts runs again. Until its hook has run, a
// backup is leased: it is not deleted.

#include "daemon/async/task.hpp"
#include "daemon/core/owed_hook.hpp"
#include "daemon/engine/leases.hpp"
#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/journal.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace sb::engine {

struct EndedHook {
    core::OwedHook hook;
    std::string problem;  ///< why it failed; empty if it succeeded
};

class OwedHooks {
public:
    OwedHooks(ports::Journal& journal, ports::JobHooks& hooks, Leases& leases)
        : journal_(journal), hooks_(hooks), leases_(leases) {}

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

private:
    task<std::string> run(core::OwedHook hook);
    task<void> settle_ended();
    void lease(core::OwedHook const& hook);

    ports::Journal& journal_;
    ports::JobHooks& hooks_;
    Leases& leases_;
    std::optional<core::OwedHook> running_;
    std::map<JobId, Leases::Lease> held_;  ///< of those that have not run
    /// Those that have run, with their problems, as far as the journal could not record it: they do not run again.
    std::map<JobId, std::string> ended_;
};

}  // namespace sb::engine
