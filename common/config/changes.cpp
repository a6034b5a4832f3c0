#include "common/config/changes.hpp"

#include "common/config/keys.hpp"
#include "common/config/summary.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace sb::config {
namespace {

constexpr std::array<std::string_view, 5> fixed_at_start{"Daemon.Socket", "Daemon.SocketGroup",
                                                         "Daemon.SocketReadGroup", "Daemon.StateDir", "SMB.LocalPath"};

/// "Section.Key" -> what the summary shows of it: what two configurations show alike is alike.
std::map<std::string, std::string> shown_values(Config const& config) {
    std::map<std::string, std::string> values;
    auto const text = summary(config);
    std::string section;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find('\n', at), text.size());
        auto const line = text.substr(at, end - at);
        at = end + 1;
        if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
        if (!line.starts_with("  ")) continue;
        auto const key = line.substr(2, line.find(' ', 2) - 2);
        values[section + "." + key] += line + "\n";
    }
    return values;
}

void add_changed_passwords(Config const& before, Config const& after, std::vector<std::string>& changed) {
    auto const note = [&](Secret const& one, Secret const& other, char const* key) {
        if (one.reveal() != other.reveal() && std::ranges::find(changed, key) == changed.end())
            changed.emplace_back(key);
    };
    note(before.smb.password, after.smb.password, "SMB.Password");
    note(before.scale.password, after.scale.password, "Scale.Password");
    if (before.smtp && after.smtp) note(before.smtp->password, after.smtp->password, "SMTP.Password");
}

}  // namespace

Config apply_reload(Config const& changed, Config fresh) {
    if (fresh.smb.local_path != changed.smb.local_path) fresh.smb = changed.smb;
    return fresh;
}

Changes changes_between(Config const& before, Config const& after) {
    auto const old_values = shown_values(before);
    auto const new_values = shown_values(after);
    std::vector<std::string> changed;
    auto const note = [&](std::string const& key) {
        auto const was = old_values.find(key);
        auto const is = new_values.find(key);
        bool const same = was != old_values.end() && is != new_values.end() && was->second == is->second;
        if (!same && std::ranges::find(changed, key) == changed.end()) changed.push_back(key);
    };
    for (auto const& rule : known_keys()) {
        auto const key = std::string(rule.section) + "." + std::string(rule.key);
        if (old_values.contains(key) || new_values.contains(key)) note(key);
    }
    add_changed_passwords(before, after, changed);
    bool const share_waits = before.smb.local_path != after.smb.local_path;
    Changes changes;
    for (auto& key : changed) {
        bool const fixed =
            std::ranges::find(fixed_at_start, key) != fixed_at_start.end() || (share_waits && key.starts_with("SMB."));
        (fixed ? changes.needs_restart : changes.changed).push_back(std::move(key));
    }
    return changes;
}

}  // namespace sb::config
