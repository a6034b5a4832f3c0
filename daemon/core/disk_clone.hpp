#pragma once
// Whether a disk can be cloned to a VM, checked before anything is sent to the cluster. Pure.

#include "common/error.hpp"
#include "daemon/core/vm.hpp"

#include <vector>

namespace sb::core {

struct DiskClone {
    Disk disk;
    Vm owner;   ///< the VM that has it
    Vm target;  ///< the VM that gets the copy
};

/// `not_found` if no VM has such a disk; `refused` for devices that no snapshot contains (CD-ROM drives, NVRAM, VTPM,
/// disks with disableSnapshotting) and for temporary and replica targets.
Result<DiskClone> plan_disk_clone(std::vector<Vm> const& vms, DiskUuid const& disk, Vm const& target);

}  // namespace sb::core
