#include "ctl/usage_disks.hpp"

namespace sb::ctl {
namespace {

constexpr std::string_view show_disks_page = R"(
Lists the disks and drives of a VM: uuid, type, slot, size, used, name.

  VM   name or uuid; the uuid where two VMs share a name

Example:
  scale-backupctl show-disks FILE01
  scale-backupctl --json show-disks FILE01 | jq -r '.[].uuid'
)";

constexpr std::string_view clone_disk_page = R"(
Gives a VM a copy of a disk as it is now: the cluster takes a snapshot of the
VM that has the disk, makes a new disk of the target from it, and removes the
snapshot by itself within a minute. The copy has the same disk identity, so a
guest can boot from it. Ctrl-C stops the waiting, not the clone.

  DISK-UUID   as 'show-disks' prints it
  TARGET-VM   name or uuid of the VM that gets the copy

Example:
  scale-backupctl clone-disk DISK-UUID TARGET-VM
)";

constexpr std::string_view upload_disk_media_page = R"(
Uploads a disk image to the cluster, where it becomes a virtual disk that can
be attached to a VM: .qcow2, .vmdk, .vhd, .vhdx or .img. ISO images are media
for CD-ROM drives, and the cluster's web interface takes those. The file's name
must be free at the cluster. The file is read with your rights, not with the
daemon's. Ctrl-C stops the upload; what has arrived stays at the cluster as
'uploading-NAME' until it is deleted there. A broken upload is never repeated.

  FILE     the image; it must not change meanwhile
  --wait   also wait until the cluster has converted it

Example:
  scale-backupctl upload-disk-media --wait ./debian-12.qcow2
)";

}  // namespace

std::vector<CommandWord> disk_words() {
    return {
        {"show-disks", "VM", "the disks of a VM", show_disks_page},
        {"clone-disk", "DISK-UUID TARGET-VM", "copy a disk to a VM", clone_disk_page},
        {"upload-disk-media", "FILE [--wait]", "upload an image", upload_disk_media_page},
    };
}

}  // namespace sb::ctl
