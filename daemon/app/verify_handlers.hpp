#pragma once
// Registers the handlers of the methods for verification.

#include "daemon/control/server.hpp"
#include "daemon/engine/verifier.hpp"

namespace sb::app {

/// The verifier must outlive the server.
void register_verify_handlers(control::Server& server, engine::Verifier& verifier);

}  // namespace sb::app
