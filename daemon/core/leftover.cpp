#include "daemon/core/leftover.hpp"

#include <algorithm>

namespace sb::core {

bool may_write_into(Job const& job, TaskReport const& task) {
    if (task.state == TaskState::complete || task.state == TaskState::error) return false;
    bool const is_its_own = !job.tag.empty() && task.tag == job.tag;
    return is_its_own || task.object_uuid.empty() || task.object_uuid == job.vm.text();
}

LeftoverReason judge_leftover(Leftover const& folder, UtcTime now) {
    if (folder.has_manifest) return LeftoverReason::has_manifest;
    if (!folder.of_a_failed_job_of_ours) return LeftoverReason::not_ours;
    if (folder.has_unfinished_job) return LeftoverReason::job_unfinished;
    if (folder.task_may_write) return LeftoverReason::task_may_write;
    if (folder.unseen) return LeftoverReason::unseen;
    // A change in the future is a young one: a clock was wrong.
    if (std::max(folder.job_ended, folder.newest_change) + leftover_age >= now) return LeftoverReason::too_young;
    if (!folder.end_is_unknown)
        return folder.newest_change > folder.job_ended + late_write ? LeftoverReason::changed_since
                                                                    : LeftoverReason::removable;
    switch (folder.look) {
        case Leftover::Look::none: return LeftoverReason::not_examined;
        case Leftover::Look::whole: return LeftoverReason::may_be_a_backup;
        case Leftover::Look::broken: break;
    }
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
        case LeftoverReason::unseen: return "kept: it cannot be looked at";
        case LeftoverReason::changed_since:
            return "kept: it was written to after the job had ended, so it is no longer what that job left";
        case LeftoverReason::may_be_a_backup:
            return "kept: how its export ended is not known, and what is there looks whole; scale-backupctl adopt "
                   "makes it a backup";
        case LeftoverReason::not_examined:
            return "kept: how its export ended is not known, and its files cannot be examined";
        case LeftoverReason::too_young: return "kept: it was changed less than a day ago";
    }
    return {};
}

}  // namespace sb::core
