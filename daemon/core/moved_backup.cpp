#include "daemon/core/moved_backup.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace sb::core {

using namespace std::chrono_literals;

namespace {

/// What has become of a backup that succeeded.
enum class Fate { complete, damaged, changed, gone };

/// A manifest may keep its times less exactly than the journal. Without a manifest, only the name is known.
bool is_of(Stored const& stored, VmUuid const& vm, Success const& success) {
    if (stored.name == success.backup && (stored.vm.empty() || stored.vm == vm)) return true;
    auto const apart = stored.started - success.started;
    return stored.vm == vm && apart > -1s && apart < 1s;
}

class Fates {
public:
    explicit Fates(std::vector<Stored> const& backups) {
        for (auto const& stored : backups) {
            by_name_.emplace(stored.name, &stored);
            if (!stored.vm.empty()) by_vm_.emplace(stored.vm.text(), &stored);
        }
    }

    struct Found {
        Fate fate = Fate::gone;
        UtcTime completed;  ///< of its manifest; the export's start if there is none
    };

    Found of(VmUuid const& vm, Success const& success) const {
        Found found;
        found.completed = success.started;
        auto& fate = found.fate;
        auto const consider = [&](Stored const& stored) {
            if (!is_of(stored, vm, success)) return;
            found.completed = std::max(found.completed, stored.completed);
            auto const state = state_after_export(stored);
            if (state == BackupState::complete) fate = Fate::complete;
            else if (fate == Fate::complete) return;
            else if (state == BackupState::damaged) fate = Fate::damaged;
            else if (fate == Fate::gone) fate = Fate::changed;
        };
        if (auto const named = by_name_.find(success.backup); named != by_name_.end()) consider(*named->second);
        auto const [first, last] = by_vm_.equal_range(vm.text());
        for (auto it = first; it != last; ++it) consider(*it->second);
        return found;
    }

private:
    std::unordered_map<std::string_view, Stored const*> by_name_;
    std::unordered_multimap<std::string_view, Stored const*> by_vm_;  ///< folders that were renamed are found, too
};

}  // namespace

BackupState state_after_export(Stored const& stored) {
    auto const state = last_known_state(stored);
    return state == BackupState::damaged && !stored.is_damage_proven ? BackupState::incomplete : state;
}

std::vector<MovedBackup> moved_backups(std::map<VmUuid, std::vector<Success>> const& successes,
                                       std::vector<Stored> const& backups, UtcTime since, UtcTime now,
                                       Timing const& timing, Zone const& zone) {
    Fates const fates(backups);
    std::vector<MovedBackup> moved;
    for (auto const& [vm, of_vm] : successes) {
        auto const& newest = of_vm.front();
        bool const matters = newest.started >= since && newest.started <= now + clock_slack &&
                             due_again(newest.started, timing, zone) > now;
        if (!matters) continue;
        auto const fate = fates.of(vm, newest).fate;
        bool const is_moved = fate == Fate::gone || fate == Fate::changed;
        bool counts = fate == Fate::gone && newest.end == ExportEnd::seen;
        if (is_moved && !counts && of_vm.size() > 1) {
            auto const& before = of_vm[1];
            auto const two_intervals = add(add(before.started, timing.interval, zone), timing.interval, zone);
            counts = fates.of(vm, before).fate != Fate::complete && newest.started <= two_intervals;
        }
        if (counts) moved.push_back({vm, newest.vm_name, newest.backup, newest.started, fate == Fate::changed});
    }
    return moved;
}

std::set<VmUuid> vms_with_newest(std::map<VmUuid, std::vector<Success>> const& successes,
                                 std::vector<Stored> const& backups) {
    std::set<VmUuid> vms;
    if (successes.empty()) return vms;
    Fates const fates(backups);
    for (auto const& [vm, of_vm] : successes)
        if (fates.of(vm, of_vm.front()).fate != Fate::gone) vms.insert(vm);
    return vms;
}

std::vector<DamagedExport> damaged_exports(std::map<VmUuid, std::vector<Success>> const& successes,
                                           std::vector<Stored> const& backups) {
    Fates const fates(backups);
    std::vector<DamagedExport> damaged;
    for (auto const& [vm, of_vm] : successes) {
        std::size_t in_a_row = 0;
        while (in_a_row < of_vm.size() && fates.of(vm, of_vm[in_a_row]).fate == Fate::damaged) ++in_a_row;
        if (in_a_row == 0) continue;
        auto const& newest = of_vm.front();
        DamagedExport exported;
        exported.vm = vm;
        exported.vm_name = newest.vm_name;
        exported.backup = newest.backup;
        exported.is_repeated = in_a_row > 1;
        constexpr int longest_pause = 5;  // failures
        exported.failures.count = static_cast<int>(in_a_row);
        if (exported.is_repeated && in_a_row == of_vm.size())
            exported.failures.count = std::max(exported.failures.count, longest_pause);
        exported.failures.last = fates.of(vm, newest).completed;
        exported.failures.reason = "backup '" + newest.backup + "' succeeded, but is damaged now";
        damaged.push_back(std::move(exported));
    }
    return damaged;
}

std::vector<std::string> newest_without_known_end(std::vector<Stored> const& backups, UtcTime now) {
    std::map<VmUuid, Stored const*> newest;
    for (auto const& stored : backups) {
        bool const counts = last_known_state(stored) == BackupState::complete && stored.origin == ClusterOrigin::same &&
                            stored.scheduled && !stored.is_claim && stored.started <= now + clock_slack;
        if (!counts) continue;
        auto& of_vm = newest[stored.vm];
        if (of_vm == nullptr || of_vm->started < stored.started) of_vm = &stored;
    }
    std::vector<std::string> names;
    for (auto const& [vm, stored] : newest)
        if (!stored->end_known) names.push_back(stored->name);
    return names;
}

}  // namespace sb::core
