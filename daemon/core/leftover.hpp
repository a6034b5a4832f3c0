#pragma once
// Whether the folder of an export that failed may be removed. It never was a backup; what matters is that it is ours
// and that the cluster cannot go on writing into it.

#include "common/time.hpp"

#include <string>

namespace sb::core {

/// What is known of a folder without a manifest.
struct Leftover {
    bool has_manifest = false;
    bool of_a_failed_job_of_ours = false;  ///< the journal knows a failed, cancelled or lost export into this folder
    bool has_unfinished_job = false;       ///< any job of ours that reads or writes it
    bool task_may_write = false;           ///< a task of the cluster that is not at its end, or whose state is not known
    UtcTime last_change;                   ///< the newest of: the job's end, the folder's and its files' times
};

enum class LeftoverReason { removable, has_manifest, not_ours, job_unfinished, task_may_write, too_young };

inline constexpr std::chrono::hours leftover_age{24};

LeftoverReason judge_leftover(Leftover const& folder, UtcTime now);
bool is_removable_leftover(Leftover const& folder, UtcTime now);

/// "kept: it is no folder of a failed export of ours".
std::string explain(LeftoverReason reason);

}  // namespace sb::core
