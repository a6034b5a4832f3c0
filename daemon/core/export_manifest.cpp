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

}  // namespace sb::core
