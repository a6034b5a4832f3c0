#pragma once
// The running program: everything born in order of dependency, ended by SIGTERM or SIGINT.

#include "simulator/app/options.hpp"

#include <string>

namespace sb::sim {

/// Returns the exit code. `program`: how this executable can be started again.
int run_simulator(Options const& options, std::string const& program);

}  // namespace sb::sim
