#pragma once

namespace sb::app {

/// scale-backupd as a whole; returns the exit code (docs/scale-backupd.8).
int run(int argc, char const* const* argv);

}  // namespace sb::app
