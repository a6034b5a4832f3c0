#include "daemon/core/rebuild_history.hpp"

#include <algorithm>
#include <map>

namespace sb::core {
namespace {

bool names_job(Backup const& backup) {
    return backup.manifest && backup.manifest->job != 0 && backup.manifest->job <= max_believed_job;
}

/// What the manifest says of its job.
void take_over(Job& job, Manifest const& manifest) {
    job.is_claim = true;
    job.attempt = manifest.attempt;
    job.definition_file = manifest.definition_file;
    job.cluster = cluster_of(manifest);
    job.disks = manifest.disks;
    job.expected_bytes = 0;
    for (auto const& disk : job.disks)
        if (is_exported(disk)) job.expected_bytes += disk.allocation_bytes;
    job.tag = manifest.task_tag;
    job.percent = 100;
    job.end = manifest.end;
    if (!job.started) job.started = manifest.started;
    job.posted = manifest.started;
    job.finished = manifest.completed;
}

}  // namespace

std::vector<Job> jobs_from_manifests(std::vector<Backup> const& backups) {
    std::map<JobId, Manifest const*> by_id;
    for (auto const& backup : backups) {
        if (!names_job(backup)) continue;
        auto& newest = by_id[backup.manifest->job];
        if (newest == nullptr || newest->completed < backup.manifest->completed) newest = &*backup.manifest;
    }
    std::vector<Job> jobs;
    for (auto const& [id, manifest] : by_id) {
        Job job;
        job.id = id;
        job.kind = JobKind::backup;
        job.vm = manifest->vm_uuid;
        job.vm_name = manifest->vm_name;
        job.backup = manifest->backup;
        job.scheduled = manifest->scheduled;
        job.phase = Phase::finished;
        job.outcome = Outcome::succeeded;
        job.queued = manifest->started;
        take_over(job, *manifest);
        jobs.push_back(std::move(job));
    }
    return jobs;
}

bool was_not_ordered(Job const& job) {
    return job.kind == JobKind::backup &&
           (job.phase == Phase::queued || job.phase == Phase::preparing || job.phase == Phase::pre_hook);
}

std::optional<Job> already_made(Job job, std::vector<Backup> const& backups) {
    if (!was_not_ordered(job)) return std::nullopt;
    // Its attempt may be a later one, and its cluster is not known before it is prepared.
    auto const is_its_own = [&](Backup const& backup) {
        if (backup.state == BackupState::exporting || !names_job(backup)) return false;
        auto const& manifest = *backup.manifest;
        return manifest.job == job.id && manifest.vm_uuid == job.vm && manifest.scheduled == job.scheduled &&
               (backup.name == job.backup || backup.name.starts_with(job.backup + " (")) &&
               may_be_same(job.cluster, cluster_of(manifest));
    };
    auto const found = std::ranges::find_if(backups, is_its_own);
    if (found == backups.end()) return std::nullopt;
    take_over(job, *found->manifest);
    job.backup = found->name;
    return job;
}

JobId newest_job(std::vector<Backup> const& backups) {
    JobId newest = 0;
    for (auto const& backup : backups)
        if (names_job(backup)) newest = std::max(newest, backup.manifest->job);
    return newest;
}

}  // namespace sb::core
