#include "daemon/core/leftover.hpp"

namespace sb::core {

LeftoverReason judge_leftover(Leftover const& folder, UtcTime now) {
    if (folder.has_manifest) return LeftoverReason::has_manifest;
    if (!folder.of_a_failed_job_of_ours) return LeftoverReason::not_ours;
    if (folder.has_unfinished_job) return LeftoverReason::job_unfinished;
    if (folder.task_may_write) return LeftoverReason::task_may_write;
    // A change in the future is a young one: a clock was wrong.
    if (folder.last_change + leftover_age >= now) return LeftoverReason::too_young;
    return LeftoverReason::removable;
}

bool is_removable_leftover(Leftover const& folder, UtcTime now) {
    return judge_leftover(folder, now) == LeftoverReason::removable;
}

std::string explain(LeftoverReason reason) {
    switch (reason) {
        case LeftoverReason::removable: return "removed: what a failed export left behind more than a day ago";
        case LeftoverReason::has_manifest: return "kept: it holds a manifest";
        case LeftoverReason::not_ours: return "kept: it is not the folder of a failed export of ours";
        case LeftoverReason::job_unfinished: return "kept: a job that has not ended uses it";
        case LeftoverReason::task_may_write: return "kept: a task of the cluster may still write to it";
        case LeftoverReason::too_young: return "kept: it was changed less than a day ago";
    }
    return {};
}

}  // namespace sb::core
