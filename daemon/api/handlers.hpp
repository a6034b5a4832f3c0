#pragma once
// Registers the handlers of the methods for VMs, jobs and backups.

#include "daemon/api/long_calls.hpp"
#include "daemon/api/status_board.hpp"
#include "daemon/control/server.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/verifier.hpp"

namespace sb::api {

struct ListParts {
    engine::Engine& engine;
    engine::Scheduler& scheduler;
    engine::Verifier& verifier;
    StatusBoard& board;
    LongCalls& long_calls;
};

/// The parts must outlive the server.
void register_handlers(control::Server& server, ListParts const& parts);

}  // namespace sb::api
