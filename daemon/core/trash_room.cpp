#include "daemon/core/trash_room.hpp"

#include "daemon/core/due.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace sb::core {

namespace {

bool has_good_backup(TrashedCopy const& copy, std::set<VmOfCluster> const& with_backups) {
    if (copy.vm.empty()) return false;
    // Without a uuid: of an earlier version, or made while the cluster did not tell it.
    if (!copy.cluster_uuid.empty())
        return with_backups.contains({copy.vm, copy.cluster_uuid}) || with_backups.contains({copy.vm, std::string()});
    return std::ranges::any_of(with_backups, [&](VmOfCluster const& vm) { return vm.first == copy.vm; });
}

}  // namespace

CopyWorth worth_of(Backup const& backup) {
    if (backup.state == BackupState::damaged || backup.state == BackupState::incomplete) return CopyWorth::bad;
    bool const is_known = backup.manifest && !backup.is_claim && !backup.is_only_checked;
    bool const is_good = backup.state == BackupState::complete && is_known && is_end_known(*backup.manifest);
    return is_good ? CopyWorth::good : CopyWorth::unknown;
}

/// One from the future does not count, as for the schedule.
std::set<VmOfCluster> vms_with_good_backups(std::vector<Backup> const& backups, UtcTime now) {
    std::set<VmOfCluster> vms;
    for (auto const& backup : backups) {
        bool const counts = worth_of(backup) == CopyWorth::good && !backup.is_unanswered;
        if (!counts || backup.manifest->started > now + clock_slack) continue;
        vms.emplace(backup.manifest->vm_uuid, backup.manifest->cluster_uuid);
    }
    return vms;
}

std::vector<TrashedCopy> last_copies(std::vector<TrashedCopy> const& trash, std::set<VmOfCluster> const& with_backups) {
    std::map<VmOfCluster, TrashedCopy const*> newest_good;
    std::vector<TrashedCopy const*> candidates;
    for (auto const& copy : trash) {
        if (copy.worth == CopyWorth::bad || has_good_backup(copy, with_backups)) continue;
        candidates.push_back(&copy);
        if (copy.worth != CopyWorth::good || copy.vm.empty()) continue;
        auto& newest = newest_good[{copy.vm, copy.cluster_uuid}];
        if (newest == nullptr || newest->started <= copy.started) newest = &copy;
    }
    std::vector<TrashedCopy> last;
    for (auto const* copy : candidates) {
        auto const good = newest_good.find({copy->vm, copy->cluster_uuid});
        if (good == newest_good.end() || good->second == copy) last.push_back(*copy);
    }
    return last;
}

std::vector<TrashedCopy> removable_for(VmUuid const& vm, std::vector<TrashedCopy> const& trash,
                                       std::vector<TrashedCopy> const& last) {
    std::vector<TrashedCopy> removable;
    std::vector<TrashedCopy> at_the_end;
    for (auto const& copy : trash) {
        bool const is_last = std::ranges::find(last, copy.entry, &TrashedCopy::entry) != last.end();
        if (!is_last) removable.push_back(copy);
        else if (copy.vm != vm || vm.empty()) at_the_end.push_back(copy);
    }
    std::ranges::move(at_the_end, std::back_inserter(removable));
    return removable;
}

}  // namespace sb::core
