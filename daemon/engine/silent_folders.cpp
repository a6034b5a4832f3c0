#include "daemon/engine/silent_folders.hpp"

#include <algorithm>
#include <utility>

namespace sb::engine {

using namespace core;

void SilentFolders::note(std::vector<Backup> const& before, std::vector<Backup> const& listed) {
    std::map<std::string, BackupState> states;
    for (auto const& backup : listed) {
        if (!backup.is_unanswered) continue;
        if (auto const known = state_before(backup.name)) states.emplace(backup.name, *known);
        auto const last = std::ranges::lower_bound(before, backup.name, {}, &Backup::name);
        bool const is_there = last != before.end() && last->name == backup.name && !last->is_unanswered;
        if (is_there) states.insert_or_assign(backup.name, last->state);
    }
    states_ = std::move(states);
}

std::optional<BackupState> SilentFolders::state_before(std::string const& folder) const {
    auto const found = states_.find(folder);
    if (found == states_.end()) return std::nullopt;
    return found->second;
}

}  // namespace sb::engine
