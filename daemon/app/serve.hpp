#pragma once
// The daemon's life: everything is born here in the order of its dependencies, and dies in the reverse one.

#include "common/config/load.hpp"
#include "common/error.hpp"

#include <functional>

namespace sb::app {

/// Reads the configuration again, with the command line's overrides.
using ReadConfig = std::function<config::Loaded()>;

/// Runs until it is asked to stop. An error means that it could not begin.
Result<void> serve(config::Config config, ReadConfig read_config_again);

}  // namespace sb::app
