#include "daemon/core/leftover.hpp"

#include <algorithm>

namespace sb::core {

bool may_have_left_a_folder(Job const& job) {
    return job.kind == JobKind::backup && job.phase == Phase::finished && job.outcome != Outcome::succeeded &&
           !job.attempt.empty() && job.posted && job.finished;
}

bool is_worthless_export(Job const& job) {
    return job.outcome == Outcome::cancelled || job.end == ExportEnd::failed || job.end == ExportEnd::unflushed;
}

bool may_write_into(Job const& job, TaskReport const& task) {
    if (task.state == TaskState::complete || task.state == TaskState::error) return false;
    bool const is_its_own = !job.tag.empty() && task.tag == job.tag;
    return is_its_own || task.object_uuid.empty() || task.object_uuid == job.vm.text();
}

namespace {

/// What a person put into it is not deleted with it.
LeftoverReason removal_of(Leftover const& folder, UtcTime now) {
    if (folder.folder_changed + leftover_age >= now) return LeftoverReason::too_young;
    return folder.foreign_entry.empty() ? LeftoverReason::removable : LeftoverReason::holds_other_files;
}

}  // namespace

LeftoverReason evaluate_leftover(Leftover const& folder, UtcTime now) {
    if (!folder.from_unsuccessful_job) return LeftoverReason::not_ours;
    if (folder.has_unfinished_job) return LeftoverReason::job_unfinished;
    if (folder.task_may_write) return LeftoverReason::task_may_write;
    if (!folder.spoiled.empty()) return LeftoverReason::spoiled;
    if (folder.has_manifest) return LeftoverReason::rescuable;
    if (folder.unreadable) return LeftoverReason::unreadable;
    // A change dated in the future counts as recent: a clock was wrong.
    if (std::max(folder.job_ended, folder.newest_change) + leftover_age >= now) return LeftoverReason::too_young;
    // An export whose end nothing has shown may go on long after its job.
    bool const has_ended = folder.end == ExportEnd::seen || (folder.is_worthless && folder.end != ExportEnd::unknown);
    if (has_ended && folder.newest_change > folder.job_ended + late_write) return LeftoverReason::changed_since;
    if (folder.is_worthless) return removal_of(folder, now);
    switch (folder.content) {
        case Leftover::Content::none: return LeftoverReason::not_inspected;
        case Leftover::Content::broken: return removal_of(folder, now);
        case Leftover::Content::whole: break;
    }
    return folder.end == ExportEnd::seen ? LeftoverReason::rescuable : LeftoverReason::may_be_a_backup;
}

std::string explain(LeftoverReason reason, Leftover const& folder, std::string_view backup) {
    switch (reason) {
        case LeftoverReason::removable: return "deleted: left behind by an unsuccessful export more than a day ago";
        case LeftoverReason::rescuable: return "complete: it becomes a backup";
        case LeftoverReason::not_ours: return "kept: it is not the folder of an unsuccessful export";
        case LeftoverReason::job_unfinished: return "kept: an unfinished job uses its backup's name";
        case LeftoverReason::task_may_write: return "kept: a task of the cluster may still be writing to it";
        case LeftoverReason::unreadable: return "kept: it cannot be read";
        case LeftoverReason::changed_since: return "kept: it was changed after its job had finished";
        case LeftoverReason::may_be_a_backup:
            return "kept: the outcome of its export is unknown, and its files appear complete; to make it a backup: "
                   "rename it to '" +
                   std::string(backup) + "', then scale-backupctl adopt";
        case LeftoverReason::not_inspected: return "kept: its files cannot be inspected";
        case LeftoverReason::spoiled:
            return "kept: its export was complete, but its files have changed since (" + folder.spoiled +
                   "); if it is not needed, delete it by hand";
        case LeftoverReason::holds_other_files:
            return "kept: it contains '" + folder.foreign_entry +
                   "', which no export wrote; move that elsewhere, or delete the folder by hand";
        case LeftoverReason::too_young: return "kept: it was changed less than a day ago";
    }
    return {};
}

}  // namespace sb::core
