#pragma once
// Registers the handlers of the methods for verification.

#include "daemon/control/server.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/verifier.hpp"

namespace sb::api {

/// The engine and the verifier must outlive the server.
void register_verify_handlers(control::Server& server, engine::Engine& engine, engine::Verifier& verifier);

}  // namespace sb::api
