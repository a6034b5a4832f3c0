#pragma once
// What a new configuration changes: names of keys, never values.

#include "common/config/model.hpp"

#include <string>
#include <vector>

namespace sb::config {

struct Changes {
    std::vector<std::string> changed;        ///< "Schedule.MaxBackups", in the order of docs/config.md
    std::vector<std::string> needs_restart;  ///< those that need a restart
};

/// What a running daemon continues with: `fresh`, except for [SMB] if LocalPath has changed. LocalPath needs a restart,
/// and exports to a new share would be expected in the old folder.
Config apply_reload(Config const& running, Config fresh);

Changes changes_between(Config const& before, Config const& after);

}  // namespace sb::config
