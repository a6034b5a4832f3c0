#pragma once

namespace sb::app {

/// scale-backupd as a whole; returns the exit code: 0 ended when asked to, 1 failed, 2 usage, 4 another daemon runs, 78
/// config.
int run(int argc, char const* const* argv);

}  // namespace sb::app
