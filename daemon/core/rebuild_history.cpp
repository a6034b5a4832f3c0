#include "daemon/core/rebuild_history.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace sb::core {
namespace {

bool names_job(Backup const& backup) { return backup.manifest && backup.manifest->job != 0; }

/// Tells one export from others, whatever name its folder has now.
std::string export_of(Manifest const& manifest) {
    if (!manifest.attempt.empty()) return manifest.vm_uuid.text() + '\n' + manifest.attempt;
    return manifest.vm_uuid.text() + "\n\n" + std::to_string(manifest.job);
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
    std::map<std::string, Manifest const*> exports;
    for (auto const& backup : backups) {
        if (!names_job(backup)) continue;
        auto& newest = exports[export_of(*backup.manifest)];
        if (newest == nullptr || newest->completed < backup.manifest->completed) newest = &*backup.manifest;
    }
    std::vector<Manifest const*> oldest_first;
    for (auto const& [name, manifest] : exports) oldest_first.push_back(manifest);
    std::ranges::sort(oldest_first, {},
                      [](Manifest const* manifest) { return std::pair(manifest->completed, manifest->job); });
    if (oldest_first.size() > max_claimed_jobs)
        oldest_first.erase(oldest_first.begin(), oldest_first.end() - std::ptrdiff_t{max_claimed_jobs});
    std::vector<Job> jobs;
    for (auto const* manifest : oldest_first) {
        Job job;
        job.id = manifest->job;
        job.kind = JobKind::backup;
        job.vm = manifest->vm_uuid;
        job.vm_name = manifest->vm_name;
        job.backup = manifest->backup;
        job.scheduled = manifest->scheduled;
        job.phase = Phase::finished;
        job.outcome = Outcome::succeeded;
        job.queued = manifest->started;
        take_over(job, *manifest);
        job.warnings.push_back("known only from the manifest of its backup, which calls it job " +
                               std::to_string(manifest->job));
        jobs.push_back(std::move(job));
    }
    return jobs;
}

bool was_not_ordered(Job const& job) {
    return job.kind == JobKind::backup &&
           (job.phase == Phase::queued || job.phase == Phase::preparing || job.phase == Phase::pre_hook);
}

std::optional<Job> already_made(Job job, std::vector<Backup> const& backups) {
    // The number, the VM and the name are no secret. The attempt is, until the export has been ordered.
    if (!was_not_ordered(job) || job.attempt.empty()) return std::nullopt;
    auto const is_its_own = [&](Backup const& backup) {
        if (backup.state == BackupState::exporting || !names_job(backup)) return false;
        auto const& manifest = *backup.manifest;
        return manifest.attempt == job.attempt && manifest.job == job.id && manifest.vm_uuid == job.vm &&
               manifest.scheduled == job.scheduled &&
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
