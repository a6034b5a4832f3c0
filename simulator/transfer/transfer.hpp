#pragma once
// The three operations of a worker, from the first connection to the last byte.

#include "simulator/transfer/pace.hpp"

namespace sb::sim {

/// Disks first, the definition last. After a failure the written files stay in the folder, as on a real cluster.
Outcome<Done> run_export(ExportSpec const& spec, Reporter& reporter);
/// Reads the definition and every disk that it lists.
Outcome<Done> run_import(ImportSpec const& spec, Reporter& reporter);
/// Connects and checks, writes nothing.
Outcome<Done> run_probe(ProbeSpec const& spec);

}  // namespace sb::sim
