#include "daemon/core/recall.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace sb::core {
namespace {

/// What is known of a backup with this name.
struct Recorded {
    std::optional<TrustedCopy> copy;
    Job const* job = nullptr;
};

/// A name may have been used before: the one that was last seen in LocalPath, of these the newest.
bool is_better(TrustedCopy const& copy, std::optional<TrustedCopy> const& than) {
    if (!than || copy.missing_since.has_value() != than->missing_since.has_value()) return !than || !copy.missing_since;
    return copy.started > than->started;
}

Manifest manifest_of(TrustedCopy const& copy, Job const* job) {
    Manifest manifest;
    manifest.backup = copy.backup;
    manifest.attempt = copy.attempt;
    manifest.job = copy.job;
    manifest.vm_uuid = copy.vm;
    manifest.started = manifest.completed = copy.started;
    manifest.scheduled = copy.scheduled;
    // An adoption and a check do not record it: while the folder does not answer, nothing says that it was not seen.
    manifest.end = ExportEnd::seen;
    if (job == nullptr) return manifest;
    manifest.vm_name = job->vm_name;
    manifest.cluster_uuid = job->cluster.uuid;
    manifest.cluster_name = job->cluster.name;
    manifest.cluster_host = job->cluster.host;
    manifest.completed = job->finished.value_or(copy.started);
    if (!job->is_claim) manifest.end = job->end;
    return manifest;
}

void note_row(Recorded& known, TrustedCopy const& row) {
    if (is_better(row, known.copy)) known.copy = row;
}

/// The journal forgets old jobs, and a row has no name.
std::string name_in_others(std::vector<Backup> const& backups, VmUuid const& vm) {
    Manifest const* newest = nullptr;
    for (auto const& backup : backups) {
        bool const has_name = backup.manifest && backup.manifest->vm_uuid == vm && !backup.manifest->vm_name.empty();
        if (has_name && (newest == nullptr || newest->started < backup.manifest->started)) newest = &*backup.manifest;
    }
    return newest == nullptr ? std::string() : newest->vm_name;
}

/// The job of the row; without a row, the newest one that made a backup with this name.
void note_job(Recorded& known, Job const& job) {
    if (!known.copy) known.copy = trusted_by(job);
    bool const is_its_job = known.copy && job.kind == JobKind::backup && job.id == known.copy->job &&
                            job.attempt == known.copy->attempt && job.vm == known.copy->vm;
    if (is_its_job) known.job = &job;
}

}  // namespace

bool needs_recall(Backup const& backup) { return backup.is_unanswered && !backup.manifest; }

void recall(std::vector<Backup>& backups, std::vector<TrustedCopy> const& rows, std::vector<Job> const& newest_first) {
    std::unordered_map<std::string, Recorded> known;
    for (auto const& backup : backups)
        if (needs_recall(backup)) known.try_emplace(backup.name);
    if (known.empty()) return;
    for (auto const& row : rows)
        if (auto const found = known.find(row.backup); found != known.end()) note_row(found->second, row);
    for (auto const& job : newest_first)
        if (auto const found = known.find(job.backup); found != known.end()) note_job(found->second, job);
    for (auto& backup : backups) {
        if (!needs_recall(backup)) continue;
        auto const& recorded = known.at(backup.name);
        if (!recorded.copy) continue;
        auto manifest = manifest_of(*recorded.copy, recorded.job);
        if (manifest.vm_name.empty()) manifest.vm_name = name_in_others(backups, manifest.vm_uuid);
        backup.manifest = std::move(manifest);
        backup.known_bytes = recorded.copy->size_bytes;
        if (backup.size_bytes == 0) backup.size_bytes = backup.known_bytes;
    }
}

}  // namespace sb::core
