#pragma once
#include "daemon/core/manifest.hpp"

namespace sb::test {

inline core::Manifest sample_manifest() {
    core::Manifest manifest;
    manifest.backup = "my backup";
    manifest.vm_uuid = VmUuid("9e1f7a30-4f0b-4d0c-a7d5-2a51a6f0c801");
    manifest.vm_name = "FILE01 \"Größe\" \\ /";
    manifest.vm_tags = {"prod", "backup"};
    manifest.scheduled = true;
    manifest.is_protected = true;
    manifest.cluster_host = "10.0.0.1:8443";
    manifest.cluster_uuid = "1f1f1f1f-1111-4111-8111-111111111111";
    manifest.cluster_name = "hc-1";
    manifest.task_tag = TaskTag("4711");
    manifest.job = 17;
    manifest.started = UtcTime(std::chrono::seconds(1763874000));
    manifest.completed = UtcTime(std::chrono::seconds(1763874100));
    manifest.definition_file = "vm.xml";
    manifest.disks = {
        {.uuid = DiskUuid("d1"), .type = "VIRTIO_DISK", .capacity_bytes = 1ull << 40, .allocation_bytes = 5}};
    manifest.files = {
        {.name = "vm.xml", .role = "definition", .size_bytes = 3, .structure = "2:" + std::string(64, 'd')},
        {.name = "d1.qcow2", .role = "disk", .size_bytes = 4, .virtual_bytes = 1ull << 40}};
    manifest.verified = core::Verified{.level = "structure", .at = UtcTime(std::chrono::seconds(1763874099))};
    manifest.program = "scale-backupd 0.1.0";
    return manifest;
}

}  // namespace sb::test
