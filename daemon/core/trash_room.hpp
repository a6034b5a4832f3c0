#pragma once
// Which deleted backups may be removed from the trash for an export, and in which order. A VM without a good backup in
// LocalPath may have its last one there: it goes after all others, and never for an export of that VM itself, which may
// fail. Pure.

#include "daemon/core/manifest.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sb::core {

/// What a deleted backup was when it was deleted. Not recorded: of one that an earlier process deleted it is `unknown`.
enum class CopyWorth {
    unknown,
    good,
    bad,  ///< damaged or incomplete
};

/// A backup that waits in the trash.
struct TrashedCopy {
    std::string entry;
    std::string backup;            ///< its name before
    VmUuid vm;                     ///< empty = not known
    std::string cluster_uuid;      ///< of the cluster that made it; empty = not known
    std::uint64_t size_bytes = 0;  ///< what removing it frees
    CopyWorth worth = CopyWorth::unknown;
    UtcTime started{};  ///< when its export was started, if it is good
};

/// A VM of a cluster: the VM's uuid and the cluster's, which is empty if it is not known.
using VmOfCluster = std::pair<VmUuid, std::string>;

/// Those that have a backup in LocalPath from which they can be restored, as far as is known.
std::set<VmOfCluster> vms_with_good_backups(std::vector<Backup> const& backups, UtcTime now);

/// What this backup is worth as its VM's last one. Of one that was only checked after the journal was lost it is not
/// known: anyone may have planted it.
CopyWorth worth_of(Backup const& backup);

/// Those that may be the last good copy of their VM: of one without a good backup, the newest that is known to be good,
/// or else all that are not known to be bad. `trash`: oldest deletion first, as the result.
std::vector<TrashedCopy> last_copies(std::vector<TrashedCopy> const& trash, std::set<VmOfCluster> const& with_backups);

/// Those that may be removed for an export of this VM, in this order: the oldest deletion first, then the last copies
/// of other VMs. Its own last copies are not among them. `last`: as last_copies() returns them.
std::vector<TrashedCopy> removable_for(VmUuid const& vm, std::vector<TrashedCopy> const& trash,
                                       std::vector<TrashedCopy> const& last);

}  // namespace sb::core
