#include "daemon/core/export_manifest.hpp"

#include <utility>

namespace sb::core {

Manifest export_manifest(Job const& job, InspectedExport inspected) {
    Manifest manifest;
    manifest.backup = job.backup;
    manifest.attempt = job.attempt;
    manifest.vm_uuid = job.vm;
    manifest.vm_name = job.vm_name;
    manifest.vm_tags = std::move(inspected.vm_tags);
    manifest.scheduled = job.scheduled;
    manifest.cluster_host = std::move(inspected.cluster_host);
    manifest.cluster_uuid = job.cluster.uuid;
    manifest.cluster_name = job.cluster.name;
    manifest.task_tag = job.tag;
    manifest.job = job.id;
    manifest.started = job.posted.value_or(job.queued);
    manifest.completed = inspected.completed;
    manifest.end = job.end;
    manifest.definition_file = job.definition_file;
    manifest.disks = job.disks;
    manifest.files = std::move(inspected.files);
    manifest.verified = std::move(inspected.verified);
    manifest.program = std::move(inspected.program);
    return manifest;
}

/// The lengths make sure that no name of a file looks like another file.
std::string inspected_text(std::vector<BackupFile> const& files) {
    std::string text;
    for (auto const& file : files) {
        text += std::to_string(file.size_bytes) + " " + std::to_string(file.virtual_bytes);
        for (auto const* word : {&file.role, &file.structure, &file.name})
            text += " " + std::to_string(word->size()) + ":" + *word;
        text += "\n";
    }
    return text;
}

bool is_manifest_of(Job const& job, Manifest const& manifest) {
    return !job.inspected.empty() && manifest.attempt == job.attempt && manifest.job == job.id &&
           manifest.vm_uuid == job.vm && manifest.definition_file == job.definition_file && !manifest.adopted &&
           inspected_text(manifest.files) == job.inspected;
}

}  // namespace sb::core
