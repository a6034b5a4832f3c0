#pragma once
// What a new configuration changes, as far as people should know of it. Never a value of a password.

#include "common/config/model.hpp"

#include <string>
#include <vector>

namespace sb::config {

struct Changes {
    std::vector<std::string> changed;        ///< "Schedule.MaxBackups", in the order of docs/config.md
    std::vector<std::string> needs_restart;  ///< those that a running daemon cannot take over
};

/// What a running daemon goes on with: `fresh`, but for LocalPath, which takes a restart, and the rest of [SMB] if
/// LocalPath is another one: exports to the new share would be looked for in the old folder.
Config apply_reload(Config const& changed, Config fresh);

Changes changes_between(Config const& before, Config const& after);

}  // namespace sb::config
