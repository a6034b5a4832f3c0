#pragma once
// Whether the folder of an unsuccessful export may be deleted: one of our jobs must have written it, it must not be a
// backup, and the cluster must no longer be able to write to it. The outcome of a lost export is unknown: there the
// files decide.

#include "common/time.hpp"
#include "daemon/core/job.hpp"

#include <string>

namespace sb::core {

/// What is known about a folder without a manifest.
struct Leftover {
    bool has_manifest = false;
    bool from_failed_job = false;     ///< the journal has a failed, cancelled or lost export into this folder
    bool has_unfinished_job = false;  ///< any job that reads or writes it
    bool task_may_write = false;      ///< a task of the cluster has not finished, or its state is not known
    bool unreadable = false;          ///< it could not be read
    bool end_is_unknown = false;      ///< the job was lost: the export may have succeeded, and long after the job
    enum class Content { none, whole, broken };
    Content content = Content::none;  ///< of a lost export's files; none = they could not be inspected
    UtcTime job_ended;
    UtcTime newest_change;  ///< of its files
};

enum class LeftoverReason {
    removable,
    has_manifest,
    not_ours,
    job_unfinished,
    task_may_write,
    unreadable,
    too_young,
    changed_since,
    may_be_a_backup,
    not_inspected,
};

inline constexpr std::chrono::hours leftover_age{24};
/// A file of a failed export may be dated a little later than the end of the job: a share lags, clocks differ.
inline constexpr std::chrono::minutes late_write{10};

/// Whether the task may be the job's export, still running. A task without an object may work on any VM.
bool may_write_into(Job const& job, TaskReport const& task);

LeftoverReason evaluate_leftover(Leftover const& folder, UtcTime now);
bool is_removable_leftover(Leftover const& folder, UtcTime now);

/// "kept: it is not the folder of a failed job".
std::string explain(LeftoverReason reason);

}  // namespace sb::core
