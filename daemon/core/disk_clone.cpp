#include "daemon/core/disk_clone.hpp"

#include <algorithm>

namespace sb::core {
namespace {

std::string why_not_clonable(Disk const& disk, Vm const& owner) {
    auto const which = "disk " + disk.uuid.text() + " of VM '" + owner.name + "' ";
    if (!is_exported(disk)) return which + "is of type " + disk.type + "; only disks can be cloned";
    if (disk.without_snapshots)
        return which + "is excluded from snapshots (disableSnapshotting), and a clone is made from a snapshot";
    return {};
}

}  // namespace

Result<DiskClone> plan_disk_clone(std::vector<Vm> const& vms, DiskUuid const& disk, Vm const& target) {
    for (auto const& vm : vms) {
        auto const found = std::ranges::find(vm.disks, disk, &Disk::uuid);
        if (found == vm.disks.end() || disk.empty()) continue;  // a disk without a uuid cannot be named
        if (auto why = why_not_clonable(*found, vm); !why.empty()) return Error{Errc::refused, std::move(why)};
        if (target.transient) return Error{Errc::refused, "VM '" + target.name + "' is a temporary VM of the cluster"};
        if (target.replica)
            return Error{Errc::refused,
                         "VM '" + target.name + "' is a replication target: its disks are those of its source"};
        return DiskClone{*found, vm, target};
    }
    return Error{Errc::not_found, "no VM of the cluster has a disk with the uuid '" + disk.text() +
                                      "'; scale-backupctl show-disks VM lists the disks of a VM"};
}

}  // namespace sb::core
