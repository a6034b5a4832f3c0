#include "common/config/changes.hpp"

#include "common/config/key.hpp"

namespace sb::config {

Config apply_reload(Config const& running, Config fresh) {
    if (fresh.smb.local_path != running.smb.local_path) fresh.smb = running.smb;
    return fresh;
}

Changes changes_between(Config const& before, Config const& after) {
    bool const share_waits = before.smb.local_path != after.smb.local_path;
    Changes changes;
    for (auto const& section : all_sections()) {
        for (auto const& key : section.keys) {
            if (key.effect == Effect::none || key.equal(before, after)) continue;
            bool const waits = key.effect == Effect::restart || (share_waits && section.name == "SMB");
            (waits ? changes.needs_restart : changes.changed).push_back(key.full_name());
        }
    }
    return changes;
}

}  // namespace sb::config
