#pragma once

namespace sb::app {

/// The whole program; returns the exit code: 0 stopped on request, 1 failed, 2 usage, 4 another daemon is running,
/// 78 configuration.
int run(int argc, char const* const* argv);

}  // namespace sb::app
