#include "daemon/core/rebuild_history.hpp"

#include <algorithm>
#include <map>

namespace sb::core {
namespace {

bool names_job(Backup const& backup) {
    return backup.manifest && backup.manifest->job != 0 && backup.manifest->job <= max_believed_job;
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
        job.attempt = manifest->attempt;
        job.definition_file = manifest->definition_file;
        job.scheduled = manifest->scheduled;
        job.phase = Phase::finished;
        job.outcome = Outcome::succeeded;
        job.cluster = cluster_of(*manifest);
        job.disks = manifest->disks;
        for (auto const& disk : job.disks)
            if (is_exported(disk)) job.expected_bytes += disk.allocation_bytes;
        job.tag = manifest->task_tag;
        job.percent = 100;
        job.end = manifest->end;
        job.queued = manifest->started;
        job.started = manifest->started;
        job.posted = manifest->started;
        job.finished = manifest->completed;
        jobs.push_back(std::move(job));
    }
    return jobs;
}

JobId newest_job(std::vector<Backup> const& backups) {
    JobId newest = 0;
    for (auto const& backup : backups)
        if (names_job(backup)) newest = std::max(newest, backup.manifest->job);
    return newest;
}

}  // namespace sb::core
