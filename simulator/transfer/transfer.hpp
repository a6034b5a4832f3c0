#pragma once
// The three things that a worker can be asked for, from the first connection to the last byte.

#include "simulator/transfer/pace.hpp"

namespace sb::sim {

/// Disks first, the definition last. After a failure the folder keeps what was written, as a cluster leaves it.
Outcome<Done> run_export(ExportSpec const& spec, Reporter& reporter);
/// Reads the definition and every disk that it names.
Outcome<Done> run_import(ImportSpec const& spec, Reporter& reporter);
/// Connects and looks, writes nothing.
Outcome<Done> run_probe(ProbeSpec const& spec);

}  // namespace sb::sim
