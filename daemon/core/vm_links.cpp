#include "daemon/core/vm_links.hpp"

#include "common/text/shell_word.hpp"
#include "daemon/core/text.hpp"

#include <utility>

namespace sb::core {

VmLinks::VmLinks(std::vector<VmLink> const& links) {
    for (auto const& link : links) add(link);
}

bool VmLinks::leads_to(VmUuid const& from, VmUuid const& to) const {
    auto const* vm = &from;
    while (*vm != to) {
        auto const next = links_.find(*vm);
        if (next == links_.end() || next->second.later.empty()) return false;
        vm = &next->second.later;
    }
    return true;
}

bool VmLinks::add(VmLink link) {
    if (link.earlier.empty()) return false;
    if (!link.later.empty() && leads_to(link.later, link.earlier)) return false;
    auto earlier = link.earlier;
    links_.insert_or_assign(std::move(earlier), std::move(link));
    return true;
}

bool VmLinks::remove(VmUuid const& earlier) { return links_.erase(earlier) > 0; }

VmUuid const& VmLinks::continued_by(VmUuid const& vm) const {
    auto const* last = &vm;
    for (auto next = links_.find(vm); next != links_.end() && !next->second.later.empty(); next = links_.find(*last))
        last = &next->second.later;
    return *last;
}

bool VmLinks::is_separate(VmUuid const& vm) const {
    auto const* const link = find(vm);
    return link != nullptr && link->later.empty();
}

VmLink const* VmLinks::find(VmUuid const& earlier) const {
    auto const found = links_.find(earlier);
    return found == links_.end() ? nullptr : &found->second;
}

std::vector<VmLink> VmLinks::all() const {
    std::vector<VmLink> all;
    all.reserve(links_.size());
    for (auto const& [earlier, link] : links_) all.push_back(link);
    return all;
}

VmLinks VmLinks::in_effect(std::unordered_set<VmUuid> const& living, std::string const& cluster_uuid) const {
    VmLinks links;
    for (auto const& [earlier, link] : links_) {
        bool const is_of_cluster =
            link.cluster_uuid.empty() || cluster_uuid.empty() || link.cluster_uuid == cluster_uuid;
        if (is_of_cluster && !living.contains(earlier)) links.links_.emplace(earlier, link);
    }
    return links;
}

std::string text_of(PossibleLink const& possible) {
    auto const* const restored =
        possible.is_sure ? " was restored from one of them" : " may have been restored from one of them";
    auto const later = "VM '" + possible.later_name + "' (uuid " + possible.later.text() + ")";
    return "VM '" + possible.earlier_name + "' (uuid " + possible.earlier.text() +
           "), which the cluster no longer has, has " + count_text(possible.copies, "backup") + " here, and " + later +
           (possible.is_restored ? restored : " has its name");
}

std::string how_to_link(PossibleLink const& possible) {
    auto const& earlier = possible.earlier.text();
    return "If it is the same VM: " + suggested_command("link", {earlier, possible.later.text()}) +
           ". If it is not: " + suggested_command("link --separate", {earlier});
}

}  // namespace sb::core
