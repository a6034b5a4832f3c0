#pragma once
// Where the log goes and how much of it. Levels by consequence: docs/architecture.md.

#include "common/config/model.hpp"
#include "common/error.hpp"

namespace sb::app {

/// Standard error, or the file that the config names (made with mode 0640, appended to, reopened by calling
/// this again). Under systemd the journal adds the time, so lines to standard error carry the level as <3>.
Result<void> set_up_logging(config::Daemon const& settings);

}  // namespace sb::app
