#pragma once
// The running program: creates everything in order of dependency; SIGTERM or SIGINT ends it.

#include "simulator/app/options.hpp"

#include <string>

namespace sb::sim {

/// Returns the exit code. `program`: the path for starting this executable again.
int run_simulator(Options const& options, std::string const& program);

}  // namespace sb::sim
