#pragma once
// Which function of the engine answers which method of the control protocol.

#include "daemon/app/status_board.hpp"
#include "daemon/control/server.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/verifier.hpp"

namespace sb::app {

/// All of them must outlive the server.
void register_handlers(control::Server& server, engine::Engine& engine, engine::Verifier& verifier, StatusBoard& board);

}  // namespace sb::app
