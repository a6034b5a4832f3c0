#include "daemon/core/missing_vms.hpp"

#include <algorithm>

namespace sb::core {

namespace {

constexpr auto long_enough = std::chrono::days(7);

}  // namespace

MissingVms MissingVms::from_text(std::string_view text) {
    MissingVms missing_vms;
    while (!text.empty()) {
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        auto const space = line.find(' ');
        if (space == line.npos || space + 1 == line.size()) continue;
        if (auto const since = parse_rfc3339(line.substr(0, space)))
            missing_vms.since_[VmUuid{std::string(line.substr(space + 1))}] = *since;
    }
    return missing_vms;
}

std::string MissingVms::text() const {
    std::string text;
    for (auto const& [vm, since] : since_)
        if (vm.text().find('\n') == std::string::npos) text += format_rfc3339(since) + " " + vm.text() + "\n";
    return text;
}

void MissingVms::note_present(std::unordered_set<VmUuid> const& seen) {
    std::erase_if(since_, [&](auto const& absent) { return seen.contains(absent.first); });
}

void MissingVms::note_complete_list(std::unordered_set<VmUuid> const& seen,
                                    std::unordered_set<VmUuid> const& with_copies, UtcTime now) {
    std::erase_if(
        since_, [&](auto const& absent) { return seen.contains(absent.first) || !with_copies.contains(absent.first); });
    for (auto const& vm : with_copies) {
        if (seen.contains(vm)) continue;
        auto& since = since_.try_emplace(vm, now).first->second;
        since = std::min(since, now);  // the clock was ahead then
    }
}

bool MissingVms::is_gone(VmUuid const& vm, UtcTime now) const {
    auto const absent = since_.find(vm);
    return absent != since_.end() && now - absent->second >= long_enough;
}

}  // namespace sb::core
