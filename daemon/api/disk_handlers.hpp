#pragma once
// Which function answers which method of single disks.

#include "daemon/async/pool.hpp"
#include "daemon/control/server.hpp"
#include "daemon/engine/clone_disk.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/operations.hpp"

namespace sb::api {

struct DiskParts {
    engine::Engine& engine;
    engine::Operations& operations;
    engine::DiskPorts ports;
    BlockingPool& media_thread;  ///< reads clients' files, so that a slow one delays nothing else
};

/// The parts must outlive the server.
void register_disk_handlers(control::Server& server, DiskParts const& parts);

}  // namespace sb::api
