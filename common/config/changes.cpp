#include "common/config/changes.hpp"

#include "common/config/key.hpp"

#include <algorithm>

namespace sb::config {
namespace {

bool has_effect(KeySection const& section) {
    return std::ranges::any_of(section.keys, [](Key const& key) { return key.effect != Effect::none; });
}

}  // namespace

Config apply_reload(Config const& running, Config fresh) {
    if (fresh.smb.local_path != running.smb.local_path) fresh.smb = running.smb;
    for (auto const& section : all_sections())
        for (auto const& key : section.keys)
            if (key.effect == Effect::restart) key.copy(running, fresh);
    return fresh;
}

Changes changes_between(Config const& running, Config const& fresh) {
    bool const share_waits = running.smb.local_path != fresh.smb.local_path;
    Changes changes;
    for (auto const& section : all_sections()) {
        bool const added = section.is_present(fresh);
        if (added != section.is_present(running)) {
            // Its keys would include defaults that are in neither file.
            if (has_effect(section))
                changes.changed.push_back('[' + std::string(section.name) + (added ? "] (added)" : "] (removed)"));
            continue;
        }
        for (auto const& key : section.keys) {
            if (key.effect == Effect::none || key.equal(running, fresh)) continue;
            bool const waits = key.effect == Effect::restart || (share_waits && section.name == "SMB");
            (waits ? changes.needs_restart : changes.changed).push_back(key.full_name());
        }
    }
    return changes;
}

}  // namespace sb::config
