#pragma once
// Deletes what the retention rules no longer keep. One place decides and one place deletes: directly before each single
// deletion, while nothing else can use the backup, the newer copy that the deletion leans on is read, then the VM's
// copies are read afresh from the disk and judged again. Several clean-ups at a time do not disturb each other.

#include "daemon/core/retention.hpp"
#include "daemon/engine/clock_watch.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/evidence.hpp"
#include "daemon/engine/leases.hpp"
#include "daemon/engine/owed_hooks.hpp"
#include "daemon/engine/schedule_snapshot.hpp"
#include "daemon/engine/trash.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace sb::engine {

struct Pruned {
    std::vector<std::string> deleted;
    std::vector<std::string> problems;
    bool stopped = false;  ///< stopped early; one of the problems says why
};

struct RetentionResult {
    std::vector<core::Stored> backups;
    std::vector<core::Verdict> verdicts;  ///< one for each of them
    core::RetentionPolicy policy;
    std::string objection;  ///< why nothing may be deleted now
};

class CleanUp {
public:
    struct Dependencies {
        Engine& engine;
        ports::Catalog& catalog;
        ports::Time& time;
        ClockWatch& clock;
        Trash& trash;
        Evidence& evidence;
        ConditionRegistry& conditions;
        core::Zone const& zone;
        SnapshotTaker& snapshots;
        OwedHooks& owed_hooks;
        std::function<task<Result<GatheredFacts>>(Asker)> gather;  ///< Scheduler::gather
        std::function<void()> backups_changed;
    };

    explicit CleanUp(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// What the rules say now; deletes nothing.
    task<Result<RetentionResult>> evaluate();
    /// A person's order. Refused without `yes` if it would delete more than half of all backups (condition
    /// `clean_up_held`, until a clean-up finds that it would not). `is_wanted` is asked
    /// before each deletion: its error ends the clean-up.
    task<Result<Pruned>> prune(bool yes, std::function<Result<void>()> is_wanted = {});
    /// The clean-up of a run, or an extra one: `problems` are for the run's report. `stopped`: nothing may be deleted,
    /// not even leftovers.
    task<Pruned> clean_up();
    /// Deletes this backup; the caller holds its lease alone and has decided. As Trash::remove, but the schedule learns
    /// of it before.
    task<Result<ports::Removal>> remove(core::Backup backup, std::string why, bool immediately);
    /// Likewise, as Trash::remove_undoably.
    task<Result<ports::Removal>> remove_undoably(core::Backup backup, std::string why);

private:
    /// Of one clean-up: what the cluster and the folders were like a moment ago, and what became of it.
    struct Pass {
        Asker asker = Asker::clock;
        GatheredFacts gathered;
        core::PresentCluster cluster;  ///< for which they hold
        std::uint64_t version = 0;     ///< of the snapshots
        SteadyTime gathered_at{};
        std::set<VmUuid> given_up;                ///< of these VMs nothing more is deleted
        std::vector<std::string> in_use;          ///< surplus backups that something uses
        std::function<Result<void>()> is_wanted;  ///< an error: nothing more is deleted; empty = it is
        Pruned pruned;
    };
    /// What a VM's folders say about one of its backups now.
    struct Judged {
        core::Verdict verdict;
        core::Backup backup;
    };

    task<Result<void>> gather_into(Pass& pass);
    task<Result<void>> begin(Pass& pass);
    std::vector<core::Verdict> verdicts_of(Pass const& pass) const;
    bool must_be_confirmed(std::vector<core::Verdict> const& verdicts);
    task<void> delete_expired(Pass& pass, std::vector<core::Verdict> verdicts);
    task<std::string> delete_one(Pass& pass, core::Verdict verdict, core::Stored copy);
    task<Result<void>> read_newer(std::string backup);
    task<std::string> why_stop(Pass& pass);
    task<Result<Judged>> judge_again(Pass const& pass, core::Stored copy);
    task<void> remove_expired(Pass& pass, Judged judged);

    Dependencies dependencies_;
};

}  // namespace sb::engine
