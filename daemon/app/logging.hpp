#pragma once
// Where the log goes, and its level. docs/architecture.md defines the levels.

#include "common/config/model.hpp"
#include "common/error.hpp"

#include <string>
#include <string_view>

namespace sb::app {

/// A message as the log shows it: one line of valid UTF-8 without control characters, because names come from the
/// cluster and may contain anything.
std::string log_line(std::string_view message);

/// Logs to standard error, or to the configured file (created with mode 0640, appended to, reopened by another call).
/// Under systemd the journal adds the time, so lines on standard error carry the level as <3>.
Result<void> set_up_logging(config::Daemon const& settings);

}  // namespace sb::app
