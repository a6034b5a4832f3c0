#include "daemon/core/leftover.hpp"

#include <algorithm>

namespace sb::core {

bool may_write_into(Job const& job, TaskReport const& task) {
    if (task.state == TaskState::complete || task.state == TaskState::error) return false;
    bool const is_its_own = !job.tag.empty() && task.tag == job.tag;
    return is_its_own || task.object_uuid.empty() || task.object_uuid == job.vm.text();
}

LeftoverReason evaluate_leftover(Leftover const& folder, UtcTime now) {
    if (folder.has_manifest) return LeftoverReason::has_manifest;
    if (!folder.from_failed_job) return LeftoverReason::not_ours;
    if (folder.has_unfinished_job) return LeftoverReason::job_unfinished;
    if (folder.task_may_write) return LeftoverReason::task_may_write;
    if (folder.unreadable) return LeftoverReason::unreadable;
    // A change dated in the future counts as recent: a clock was wrong.
    if (std::max(folder.job_ended, folder.newest_change) + leftover_age >= now) return LeftoverReason::too_young;
    if (!folder.end_is_unknown)
        return folder.newest_change > folder.job_ended + late_write ? LeftoverReason::changed_since
                                                                    : LeftoverReason::removable;
    switch (folder.content) {
        case Leftover::Content::none: return LeftoverReason::not_inspected;
        case Leftover::Content::whole: return LeftoverReason::may_be_a_backup;
        case Leftover::Content::broken: break;
    }
    return LeftoverReason::removable;
}

bool is_removable_leftover(Leftover const& folder, UtcTime now) {
    return evaluate_leftover(folder, now) == LeftoverReason::removable;
}

std::string explain(LeftoverReason reason) {
    switch (reason) {
        case LeftoverReason::removable: return "deleted: left behind by a failed export more than a day ago";
        case LeftoverReason::has_manifest: return "kept: it has a manifest";
        case LeftoverReason::not_ours: return "kept: it is not the folder of a failed job";
        case LeftoverReason::job_unfinished: return "kept: an unfinished job uses it";
        case LeftoverReason::task_may_write: return "kept: a task of the cluster may still be writing to it";
        case LeftoverReason::unreadable: return "kept: it cannot be read";
        case LeftoverReason::changed_since: return "kept: it was changed after its job had finished";
        case LeftoverReason::may_be_a_backup:
            return "kept: the outcome of its export is unknown, and its files appear complete; to make it a backup: "
                   "scale-backupctl adopt";
        case LeftoverReason::not_inspected:
            return "kept: the outcome of its export is unknown, and its files cannot be inspected";
        case LeftoverReason::too_young: return "kept: it was changed less than a day ago";
    }
    return {};
}

}  // namespace sb::core
