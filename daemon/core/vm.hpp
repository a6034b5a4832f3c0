#pragma once
// VMs and tasks as the cluster reports them. Values only.

#include "common/ids.hpp"
#include "common/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::core {

/// A block device of a VM (docs: VirDomainBlockDevice).
struct Disk {
    DiskUuid uuid;
    std::string type;                                   ///< VIRTIO_DISK, SCSI_DISK, IDE_DISK, IDE_CDROM, NVRAM …
    std::uint64_t capacity_bytes = 0;                   ///< what the guest sees
    std::uint64_t allocation_bytes = 0;                 ///< used; real VMs may report 0, so only an estimate
    int slot = -1;                                      ///< on its bus; -1 for NVRAM and VTPM
    std::string name;                                   ///< may be empty
    bool without_snapshots = false;                     ///< disableSnapshotting: no snapshot contains it
    std::string cache_mode = {};                        ///< cacheMode, as the cluster writes it; empty = not reported
    std::optional<std::int64_t> tiering_priority = {};  ///< tieringPriorityFactor, if reported
    bool operator==(Disk const&) const = default;
};

/// Whether the cluster writes an image for this device: types that end in _DISK, with or without a uuid. CD-ROMs have
/// none; whether NVRAM and VTPM have one is not known, so their images are neither required nor refused.
bool is_exported(Disk const& disk);

/// Whether an image with this virtual size can be the one of a disk with this capacity (0 = not known, so any size).
/// Capacities may be any number of bytes; images are rounded up, QEMU's to 512 bytes, at most to the next full MiB. A
/// smaller image has lost the end of the disk.
bool is_size_of_image(std::uint64_t virtual_bytes, std::uint64_t capacity_bytes);

/// A task's state: the cluster's five states, `absent` for an empty answer (the tag expired or never existed),
/// `unknown` for a state that this version does not know.
enum class TaskState { absent, uninitialized, queued, running, complete, error, unknown };

struct TaskReport {
    TaskTag tag;
    TaskState state = TaskState::absent;
    std::string state_word;                                 ///< as the cluster wrote it
    int percent = 0;                                        ///< 0 to 100
    std::string description;                                ///< with its parameters filled in
    std::string message;                                    ///< the reason on ERROR, with its parameters filled in
    std::string object_uuid;                                ///< the object worked on; may be empty
    std::int64_t created = 0, modified = 0, completed = 0;  ///< unix seconds on the cluster's clock; 0 = not yet
};

struct Vm {
    VmUuid uuid;
    std::string name;
    std::string description;
    std::vector<std::string> tags;  ///< split at commas, spaces around them removed
    std::string state;              ///< as the cluster reports it
    std::vector<Disk> disks;
    bool transient = false;                ///< a temporary VM of the cluster
    bool replica = false;                  ///< a replication target, which has no current state
    std::optional<TaskReport> last_task;   ///< the last task that touched it
    int vcpus = 0;                         ///< 0 = not reported
    std::uint64_t memory_bytes = 0;        ///< 0 = not reported
    std::optional<std::size_t> nics = {};  ///< how many, if reported
};

/// Why a VM is excluded from scheduled backups; empty if it is not.
std::string why_not_eligible(Vm const& vm);

}  // namespace sb::core
