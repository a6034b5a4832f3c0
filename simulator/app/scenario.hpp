#pragma once
// A cluster described in a JSON file: simulator/README.md shows the format.

#include "simulator/app/options.hpp"

namespace sb::sim {

/// "vms", "users", "roles", "schedules", "cluster" replace or extend the contents of the world; "behaviour" and
/// "faults" define how it behaves. The error names the file and the problem.
Result<void> apply_scenario(Simulator& sim, Options const& options, std::string const& file);
/// Whether the scenario has its own VMs, which replace the default ones.
Result<bool> scenario_has_vms(std::string const& file);

}  // namespace sb::sim
