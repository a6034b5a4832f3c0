#pragma once
// Registers the handlers of the methods with which a person says which VM continues an earlier one.

#include "daemon/api/long_calls.hpp"
#include "daemon/control/server.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/scheduler.hpp"
#include "daemon/ports/time.hpp"

#include <functional>

namespace sb::api {

struct LinkParts {
    engine::Engine& engine;
    engine::Scheduler& scheduler;
    ports::Time& time;
    std::function<void()> backups_changed;
    LongCalls& long_calls;
};

/// The parts must outlive the server.
void register_link_handlers(control::Server& server, LinkParts const& parts);

}  // namespace sb::api
