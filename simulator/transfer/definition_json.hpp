#pragma once
// The VM's definition as JSON, for the pipe between the simulated cluster and its worker.

#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "simulator/transfer/definition.hpp"

namespace sb::sim {

/// One JSON object.
void write_definition(json::Writer& out, VmDefinition const& vm);
/// Missing members keep the defaults of VmDefinition.
VmDefinition read_definition(json::View in);

}  // namespace sb::sim
