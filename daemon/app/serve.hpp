#pragma once
// The daemon's life: everything is born here in the order of its dependencies, and dies in the reverse one.

#include "common/config/model.hpp"
#include "common/error.hpp"

#include <functional>

namespace sb::app {

/// Reads the configuration again, with the command line's overrides; its problems have been logged if it fails.
using ReadConfig = std::function<Result<config::Config>()>;

/// Runs until it is asked to stop. An error means that it could not begin.
Result<void> serve(config::Config config, ReadConfig read_config_again);

}  // namespace sb::app
