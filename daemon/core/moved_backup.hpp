#pragma once
// Backups that succeeded and are no longer what they were: a hook or a person moved, deleted or recompressed them.
// Their VMs are not exported again within the interval, which would be waste every night. Pure.

#include "daemon/core/history.hpp"
#include "daemon/core/retention.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace sb::core {

struct MovedBackup {
    VmUuid vm;
    std::string vm_name;
    std::string backup;
    UtcTime started;
    bool is_there = false;  ///< its folder is, but its files are not those of its manifest
};

/// What a folder shows about the export that made it: `damaged` only if that is proven. Files that are not those of the
/// manifest, which no verification has judged, are `incomplete`: a hook or a person may have changed them. Of one that
/// does not answer, what it last was.
BackupState state_after_export(Stored const& stored);

/// The newest success of each VM, if the backup is gone or changed and the VM is not due again yet. Each counts as a
/// copy. A damaged backup is none of these. One that is gone counts if the end of its export was seen. One whose files
/// were changed (BackupState::incomplete or unverified) may be damage as well, so the VM is exported once more; if the
/// one before it, within two intervals, is not complete either, both were meant to be.
/// `since`: successes before it are of another LocalPath, and do not count.
std::vector<MovedBackup> moved_backups(std::map<VmUuid, std::vector<Success>> const& successes,
                                       std::vector<Stored> const& backups, UtcTime since, UtcTime now,
                                       Timing const& timing, Zone const& zone);

/// The VMs whose newest success is still there, in whatever state. A folder that does not answer is there.
std::set<VmUuid> vms_with_newest(std::map<VmUuid, std::vector<Success>> const& successes,
                                 std::vector<Stored> const& backups);

/// A VM whose newest export succeeded and is damaged now.
struct DamagedExport {
    VmUuid vm;
    std::string vm_name;
    std::string backup;
    Failures failures;         ///< it counts as a failure, so that the next attempt waits: retry_at()
    bool is_repeated = false;  ///< the one before it is damaged, too
};
/// Each of them. If all successes that are known are damaged, the pause is the longest.
std::vector<DamagedExport> damaged_exports(std::map<VmUuid, std::vector<Success>> const& successes,
                                           std::vector<Stored> const& backups);

/// The newest complete scheduled backup of each VM, if the end of its export is not known: names.
std::vector<std::string> newest_without_known_end(std::vector<Stored> const& backups, UtcTime now);

}  // namespace sb::core
