#pragma once
// A cluster described in a JSON file: simulator/README.md shows the form.

#include "simulator/app/options.hpp"

namespace sb::sim {

/// "vms", "users", "roles", "schedules", "cluster" replace or add to what stands in the world; "manners" and
/// "faults" set behaviour. The error names the file and what is wrong.
Result<void> apply_scenario(Simulator& sim, Options const& options, std::string const& file);
/// Whether the scenario brings VMs of its own, so that the default ones are left out.
Result<bool> scenario_has_vms(std::string const& file);

}  // namespace sb::sim
