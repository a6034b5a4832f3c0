#pragma once
// Between the simulated cluster's values and what a transfer worker is told.

#include "common/error.hpp"
#include "simulator/api/simulator.hpp"
#include "simulator/transfer/definition.hpp"
#include "simulator/transfer/worker_protocol.hpp"

namespace sb::sim {

/// `from`: target of an export or source of an import. The error says why a pathURI is none.
Result<TransferPlace> read_place(Simulator const& sim, json::View from);
VmDefinition definition_of(Vm const& vm);
/// The VM that an import makes of a definition; its devices have no uuids yet. MACs that are in use are left out.
Vm vm_from(VmDefinition const& definition, World& world);
std::uint32_t duration_ms(Simulator const& sim, std::int64_t bytes);
/// Faults that strike this transfer, and what the two that change the VM do.
void add_faults(Simulator& sim, TransferJob& job, char const* call, std::string const& vm_name,
                std::string const& vm_uuid);
/// Answers with `accepted` after the share has been asked, or 500 with its words; see Manners::smb_errors_fail_post.
void answer_after_probe(Simulator& sim, Request& request, ProbeSpec probe, std::function<Response()> accepted);

}  // namespace sb::sim
