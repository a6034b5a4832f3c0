#pragma once
// Converts between the simulated cluster's values and the specs of transfer workers.

#include "common/error.hpp"
#include "simulator/api/simulator.hpp"
#include "simulator/transfer/definition.hpp"
#include "simulator/transfer/worker_protocol.hpp"

namespace sb::sim {

/// `from`: target of an export or source of an import. The error says why a pathURI is invalid.
Result<TransferPlace> read_place(Simulator const& sim, json::View from);
VmDefinition definition_of(Vm const& vm);
/// The VM that an import creates from a definition; its devices have no uuids yet. MACs that are in use are omitted.
Vm vm_from(VmDefinition const& definition, World& world);
std::uint32_t duration_ms(Simulator const& sim, std::int64_t bytes);
/// The faults of this transfer, and the effects of the two that change the VM.
void add_faults(Simulator& sim, TransferJob& job, char const* call, std::string const& vm_name,
                std::string const& vm_uuid);
/// Responds with `accepted` after a check of the share, or with 500 and its error; see Behaviour::smb_errors_fail_post.
void answer_after_probe(Simulator& sim, Request& request, ProbeSpec probe, std::function<Response()> accepted);

}  // namespace sb::sim
