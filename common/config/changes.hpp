#pragma once
// What a new configuration changes: names of keys and sections, never values.

#include "common/config/model.hpp"

#include <string>
#include <vector>

namespace sb::config {

struct Changes {
    /// "Schedule.MaxBackups", in the order of docs/config.md; "[Schedule] (added)" or "[Schedule] (removed)" for all
    /// keys of a section that only one of them has.
    std::vector<std::string> changed;
    std::vector<std::string> needs_restart;  ///< those that need a restart
};

/// What a running daemon continues with: `fresh`, except for the keys that need a restart, so that the next reload
/// compares them with what is running; and except for all of [SMB] if LocalPath has changed, because exports to a new
/// share would be expected in the old folder.
Config apply_reload(Config const& running, Config fresh);

/// `running`: as apply_reload() left it.
Changes changes_between(Config const& running, Config const& fresh);

}  // namespace sb::config
