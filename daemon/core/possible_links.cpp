#include "daemon/core/possible_links.hpp"

#include "daemon/core/text.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

namespace sb::core {

namespace {

/// A VM that is gone, and has copies.
struct Earlier {
    std::string name;  ///< what its newest copy calls it
    UtcTime newest;
    int copies = 0;
};

/// A planted copy must neither offer a link nor hide one: without it, the earlier VM's copies are those of a deleted
/// VM.
bool is_copy(Stored const& backup) {
    return last_known_state(backup) == BackupState::complete && backup.origin == ClusterOrigin::same &&
           !backup.vm.empty() && !backup.is_claim;
}

bool is_copy_of(Stored const& backup, VmUuid const& vm) {
    return is_copy(backup) && (backup.vm == vm || counts_for(backup) == vm);
}

std::unordered_set<VmUuid> uuids_of(std::vector<Vm> const& vms) {
    std::unordered_set<VmUuid> uuids;
    for (auto const& vm : vms) uuids.insert(vm.uuid);
    return uuids;
}

std::map<VmUuid, Earlier> earlier_vms(LinkFacts const& facts) {
    auto const living = uuids_of(facts.vms);
    std::map<VmUuid, Earlier> all;
    for (auto const& backup : facts.backups) {
        auto const& vm = counts_for(backup);
        if (!is_copy(backup) || living.contains(vm) || facts.links.is_separate(vm)) continue;
        auto& earlier = all[vm];
        if (earlier.copies++ > 0 && backup.started <= earlier.newest) continue;
        earlier.newest = backup.started;
        earlier.name = backup.vm_name;
    }
    return all;
}

/// When the oldest copy that was made of each VM was started.
std::map<VmUuid, UtcTime> oldest_copies(std::vector<Stored> const& backups) {
    std::map<VmUuid, UtcTime> oldest;
    for (auto const& backup : backups) {
        if (!is_copy(backup)) continue;
        auto const [place, is_first] = oldest.try_emplace(backup.vm, backup.started);
        if (!is_first) place->second = std::min(place->second, backup.started);
    }
    return oldest;
}

/// By the name; only VMs that are the only one with theirs.
std::map<std::string, VmUuid> unique_names(std::vector<Vm> const& vms) {
    std::map<std::string, int> count;
    for (auto const& vm : vms) ++count[vm.name];
    std::map<std::string, VmUuid> names;
    for (auto const& vm : vms)
        if (count[vm.name] == 1) names.emplace(vm.name, vm.uuid);
    return names;
}

/// From the earlier VM to the one that was restored last from one of its copies.
std::map<VmUuid, Restored> restored_vms(LinkFacts const& facts) {
    std::map<std::string, VmUuid> vm_of;
    for (auto const& backup : facts.backups)
        if (is_copy(backup)) vm_of.emplace(backup.name, counts_for(backup));
    auto const living = uuids_of(facts.vms);
    auto const names = unique_names(facts.vms);
    std::map<VmUuid, Restored> restored;
    for (auto one : facts.restored) {
        auto const source = vm_of.find(one.backup);
        if (auto const named = names.find(one.vm_name); one.vm.empty() && named != names.end()) one.vm = named->second;
        if (source != vm_of.end() && living.contains(one.vm)) restored.insert_or_assign(source->second, one);
    }
    return restored;
}

/// Of the VMs that are gone and had this name, the one with the newest copy.
std::map<std::string, VmUuid> newest_of_each_name(std::map<VmUuid, Earlier> const& earlier) {
    std::map<std::string, VmUuid> newest;
    for (auto const& [uuid, vm] : earlier) {
        auto const [place, is_first] = newest.try_emplace(vm.name, uuid);
        if (!is_first && earlier.at(place->second).newest < vm.newest) place->second = uuid;
    }
    return newest;
}

}  // namespace

void use_link(Stored& stored, VmLinks const& links) {
    auto const& last = links.continued_by(stored.vm);
    stored.linked_to = last == stored.vm ? VmUuid() : last;
}

std::vector<PossibleLink> possible_links(LinkFacts const& facts) {
    auto const earlier = earlier_vms(facts);
    if (earlier.empty()) return {};
    auto const restored = restored_vms(facts);
    auto const names = unique_names(facts.vms);
    auto const newest = newest_of_each_name(earlier);
    auto const oldest = oldest_copies(facts.backups);
    std::vector<PossibleLink> possible;
    for (auto const& [uuid, vm] : earlier) {
        PossibleLink link;
        link.earlier = uuid;
        link.earlier_name = link.later_name = vm.name;
        link.copies = vm.copies;
        if (auto const found = restored.find(uuid); found != restored.end()) {
            link.later = found->second.vm;
            link.is_restored = true;
            link.is_sure = found->second.is_sure;
            link.later_name = std::ranges::find(facts.vms, link.later, &Vm::uuid)->name;
        } else {
            auto const named = names.find(vm.name);
            if (named == names.end() || newest.at(vm.name) != uuid) continue;
            link.later = named->second;
            auto const first = oldest.find(link.later);
            if (first != oldest.end() && first->second <= vm.newest) continue;  // it lived beside the earlier one
        }
        possible.push_back(std::move(link));
    }
    return possible;
}

std::string name_of_vm(std::vector<Stored> const& backups, VmUuid const& vm) {
    Stored const* newest = nullptr;
    for (auto const& backup : backups)
        if (is_copy_of(backup, vm) && (newest == nullptr || newest->started < backup.started)) newest = &backup;
    return newest == nullptr ? std::string() : newest->vm_name;
}

int count_copies(std::vector<Stored> const& backups, VmUuid const& vm) {
    return static_cast<int>(
        std::ranges::count_if(backups, [&](Stored const& backup) { return is_copy_of(backup, vm); }));
}

Result<VmUuid> find_earlier_vm(LinkFacts const& facts, std::string const& name_or_uuid) {
    auto const living = uuids_of(facts.vms);
    auto const still_exists = [&](std::string const& what) {
        return Error{Errc::refused, what + " still exists at the cluster, so its backups are its own"};
    };
    VmUuid const uuid{name_or_uuid};
    if (living.contains(uuid)) return still_exists("VM '" + name_or_uuid + "'");
    if (count_copies(facts.backups, uuid) > 0) return uuid;
    std::map<VmUuid, UtcTime> named;  // with their newest copies
    bool has_others = false;
    for (auto const& backup : facts.backups) {
        bool const is_meant = backup.vm == uuid || backup.vm_name == name_or_uuid;
        if (!is_meant || backup.vm.empty() || backup.state != BackupState::complete) continue;
        if (backup.origin != ClusterOrigin::same) has_others = true;
        else if (!living.contains(backup.vm) && name_of_vm(facts.backups, backup.vm) == name_or_uuid)
            named[backup.vm] = std::max(named[backup.vm], backup.started);
    }
    if (named.size() == 1) return named.begin()->first;
    if (named.size() > 1) {
        auto text = count_text(std::ssize(named), "VM") + " that no longer exist were named '" + name_or_uuid +
                    "'; choose one by its uuid:";
        for (auto const& [vm, newest] : named)
            text += "\n  " + vm.text() + "  " + count_text(count_copies(facts.backups, vm), "backup");
        return Error{Errc::ambiguous_name, text};
    }
    if (std::ranges::find(facts.vms, name_or_uuid, &Vm::name) != facts.vms.end())
        return still_exists("VM '" + name_or_uuid + "'");
    if (has_others)
        return Error{Errc::refused, "the backups of VM '" + name_or_uuid +
                                        "' are, or may be, of another cluster; only those of the configured cluster "
                                        "can count as another VM's"};
    return Error{Errc::not_found, "there is no complete backup of a VM named '" + name_or_uuid + "'"};
}

}  // namespace sb::core
