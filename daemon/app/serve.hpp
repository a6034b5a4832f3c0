#pragma once
// Builds and runs the daemon: the parts are made in order of their dependencies and destroyed in reverse order.

#include "common/config/load.hpp"
#include "common/error.hpp"

#include <functional>

namespace sb::app {

/// Reads the configuration again, with the command line's overrides.
using ReadConfig = std::function<config::Loaded()>;

/// Runs until it is asked to stop. An error means that it could not start.
Result<void> serve(config::Config config, ReadConfig read_config_again);

}  // namespace sb::app
