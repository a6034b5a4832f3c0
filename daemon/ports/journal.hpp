#pragma once
// What the engine needs of its memory. Real: daemon/journal (SQLite). Fake: tests/simulation. A call returns only when
// the record survives a power failure.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/condition.hpp"
#include "daemon/core/deleted_backup.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/owed_hook.hpp"
#include "daemon/core/run.hpp"
#include "daemon/core/trusted_copy.hpp"
#include "daemon/core/vm_links.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace sb::ports {

/// The number of finished jobs that the journal keeps: recent(journal_depth) returns its whole history.
inline constexpr std::size_t journal_depth = 5000;

/// A journal that replaced an earlier one.
struct JournalReplaced {
    UtcTime at;
    std::string why;  ///< in words
};

/// The ids of a new job and of its run.
struct JobOfRun {
    JobId job = 0;
    core::RunId run = 0;
};

class Journal {
public:
    virtual ~Journal() = default;

    /// Records a new job and gives it its id.
    virtual task<Result<JobId>> add(core::Job job) = 0;
    /// Records a new job of a run, and the run with this job at the end of its jobs: both or none. A run without an id
    /// is new, too.
    virtual task<Result<JobOfRun>> add_to_run(core::Job job, core::Run run) = 0;
    /// Records the job as it is now, the transition if its phase changed, and, if it has now made its backup, the hook
    /// that it owes and that the journal vouches for the backup (core::trusted_by()): all or none. Without effect if
    /// the journal has a newer revision.
    virtual task<Result<void>> save(core::Job job) = 0;
    virtual task<Result<std::vector<core::Job>>> unfinished() = 0;
    /// The newest `limit` finished jobs, newest first.
    virtual task<Result<std::vector<core::Job>>> recent(std::size_t limit) = 0;
    /// The newest finished job with this id; `not_found` if none exists.
    virtual task<Result<core::Job>> find(JobId id) = 0;

    /// Records a new run and gives it its id.
    virtual task<Result<core::RunId>> add_run(core::Run run) = 0;
    /// Without effect if the journal has a newer revision.
    virtual task<Result<void>> save_run(core::Run run) = 0;
    /// The newest `limit` runs, newest first, an unfinished one included.
    virtual task<Result<std::vector<core::Run>>> recent_runs(std::size_t limit) = 0;

    /// The delayed hooks that have not run yet, in the order of their jobs.
    virtual task<Result<std::vector<core::OwedHook>>> owed_hooks() = 0;
    /// The job's hook is no longer owed. Its problem, unless empty, becomes a warning of the job in the same
    /// transaction.
    virtual task<Result<void>> settle_hook(JobId job, std::string problem) = 0;

    /// The backups that wait in the trash, or are just being moved there, the one deleted first first.
    virtual task<Result<std::vector<core::DeletedBackup>>> deleted_backups() = 0;
    /// An entry that is there already is replaced, at its place.
    virtual task<Result<void>> add_deleted(core::DeletedBackup deleted) = 0;
    /// Succeeds if there is no such entry.
    virtual task<Result<void>> forget_deleted(std::string entry) = 0;

    /// Which VM continues which earlier one, in any order.
    virtual task<Result<std::vector<core::VmLink>>> vm_links() = 0;
    /// A link of the same earlier VM is replaced.
    virtual task<Result<void>> add_vm_link(core::VmLink link) = 0;
    /// Succeeds if there is no such link.
    virtual task<Result<void>> forget_vm_link(VmUuid earlier) = 0;

    /// The backups that the journal vouches for, in any order.
    virtual task<Result<std::vector<core::TrustedCopy>>> trusted_copies() = 0;
    /// Adds or replaces the first, and removes the others: all or none.
    virtual task<Result<void>> save_trusted(std::vector<core::TrustedCopy> copies,
                                            std::vector<core::TrustedCopy> forgotten) = 0;

    /// The conditions that stood when they were last recorded.
    virtual task<Result<std::vector<core::Condition>>> conditions() = 0;
    /// Replaces the recorded conditions by these, all or none.
    virtual task<Result<void>> save_conditions(std::vector<core::Condition> conditions) = 0;

    /// Whether the journal is new, so that history should be rebuilt from the backups' manifests.
    virtual task<Result<bool>> needs_rebuild() = 0;
    /// Adds finished jobs that manifests claim, the oldest first: the journal vouches for none of their backups. An
    /// export whose job it knows is skipped. What a manifest claims raises no number: a job keeps its id only if that
    /// is free and below those of new jobs, and gets the next one otherwise; of many, only the newest are added
    /// (core::max_claimed_jobs). Afterwards no rebuild is needed. `why` is noted, unless the journal is new and says
    /// why already; empty = nothing was lost.
    virtual task<Result<void>> rebuild_history(std::vector<core::Job> jobs, std::string why) = 0;
    /// The highest id that a job has had.
    virtual task<Result<JobId>> newest_job() { co_return std::numeric_limits<JobId>::max(); }
    /// New jobs get higher ids than this one.
    virtual task<Result<void>> raise_next_id(JobId /*above*/) { co_return boost::system::in_place_value; }
    /// When and why an earlier journal was replaced; empty if there was none.
    virtual task<Result<std::optional<JournalReplaced>>> journal_replaced() = 0;

    /// Small values that outlive the process: whether the schedule is paused, the last time seen.
    virtual task<Result<std::optional<std::string>>> fact(std::string name) = 0;
    virtual task<Result<void>> set_fact(std::string name, std::string value) = 0;
};

}  // namespace sb::ports
