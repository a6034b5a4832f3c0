#include "daemon/core/vm_links.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace sb::core {

VmLinks VmLinks::from_text(std::string_view text) {
    VmLinks links;
    while (!text.empty()) {
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        auto const space = line.find(' ');
        if (space == line.npos || space == 0 || space + 1 == line.size()) continue;
        links.add(VmUuid{std::string(line.substr(0, space))}, VmUuid{std::string(line.substr(space + 1))});
    }
    return links;
}

std::string VmLinks::text() const {
    std::string text;
    for (auto const& [earlier, later] : links_) text += earlier.text() + " " + later.text() + "\n";
    return text;
}

bool VmLinks::add(VmUuid const& earlier, VmUuid const& later) {
    auto const is_one_line = [](VmUuid const& vm) {
        return !vm.empty() && vm.text().find_first_of(" \n") == std::string::npos;
    };
    if (!is_one_line(earlier) || !is_one_line(later) || continued_by(later) == earlier) return false;
    links_.insert_or_assign(earlier, later);
    return true;
}

bool VmLinks::remove(VmUuid const& earlier) { return links_.erase(earlier) > 0; }

VmUuid const& VmLinks::continued_by(VmUuid const& vm) const {
    auto const* found = &vm;
    for (auto next = links_.find(vm); next != links_.end(); next = links_.find(*found)) found = &next->second;
    return *found;
}

namespace {

struct EarlierVm {
    std::set<VmUuid> uuids;
    int copies = 0;
};

}  // namespace

std::vector<PossibleLink> possible_links(std::vector<Vm> const& vms, std::vector<Stored> const& backups) {
    std::set<VmUuid> present;
    std::map<std::string, std::vector<VmUuid>> with_name;
    for (auto const& vm : vms) {
        present.insert(vm.uuid);
        with_name[vm.name].push_back(vm.uuid);
    }
    std::set<VmUuid> with_copies;
    std::map<std::string, EarlierVm> earlier;
    for (auto const& backup : backups) {
        if (backup.vm.empty() || backup.origin != ClusterOrigin::same) continue;
        with_copies.insert(backup.vm);
        if (present.contains(backup.vm) || backup.state != BackupState::complete) continue;
        auto& one = earlier[backup.vm_name];
        one.uuids.insert(backup.vm);
        ++one.copies;
    }
    std::vector<PossibleLink> possible;
    for (auto const& [name, one] : earlier) {
        auto const later = with_name.find(name);
        if (later == with_name.end() || later->second.size() != 1 || one.uuids.size() != 1) continue;
        if (with_copies.contains(later->second.front())) continue;
        possible.push_back({*one.uuids.begin(), later->second.front(), name, one.copies});
    }
    return possible;
}

}  // namespace sb::core
