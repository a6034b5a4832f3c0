#pragma once
// Whether the folder of an export that did not succeed may be removed: it must be ours and no backup, and the cluster
// must not be able to go on writing into it. How a lost export ended nobody knows: there the files decide.

#include "common/time.hpp"
#include "daemon/core/job.hpp"

#include <string>

namespace sb::core {

/// What is known of a folder without a manifest.
struct Leftover {
    bool has_manifest = false;
    bool of_a_failed_job_of_ours = false;  ///< the journal knows a failed, cancelled or lost export into this folder
    bool has_unfinished_job = false;       ///< any job of ours that reads or writes it
    bool task_may_write = false;  ///< a task of the cluster that is not at its end, or whose state is not known
    bool unseen = false;          ///< it could not be looked at
    bool end_is_unknown = false;  ///< the job was lost: the export may have ended well, and long after the job
    enum class Look { none, whole, broken };
    Look look = Look::none;  ///< of a lost one's files; none = they could not be examined
    UtcTime job_ended;
    UtcTime newest_change;  ///< of its files
};

enum class LeftoverReason {
    removable,
    has_manifest,
    not_ours,
    job_unfinished,
    task_may_write,
    unseen,
    too_young,
    changed_since,
    may_be_a_backup,
    not_examined,
};

inline constexpr std::chrono::hours leftover_age{24};
/// A file of a failed export may be dated a little later than the job's end: a share lags, clocks differ.
inline constexpr std::chrono::minutes late_write{10};

/// Whether the task may be the job's export that goes on. One that names nothing may work on any VM.
bool may_write_into(Job const& job, TaskReport const& task);

LeftoverReason judge_leftover(Leftover const& folder, UtcTime now);
bool is_removable_leftover(Leftover const& folder, UtcTime now);

/// "kept: it is no folder of a failed export of ours".
std::string explain(LeftoverReason reason);

}  // namespace sb::core
