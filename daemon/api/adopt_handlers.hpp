#pragma once
// Registers the handlers of the adopt.* methods.

#include "daemon/async/shared_work.hpp"
#include "daemon/control/server.hpp"
#include "daemon/core/civil.hpp"
#include "daemon/engine/adoption.hpp"
#include "daemon/engine/scheduler.hpp"

#include <functional>

namespace sb::api {

struct AdoptParts {
    engine::Adopter& adopter;
    engine::Scheduler& scheduler;
    core::Zone const& zone;
    std::function<bool()> has_schedule;
    SharedWork<rpc::InspectOldFolder::Reply>& inspections;
};

/// The parts must outlive the server.
void register_adopt_handlers(control::Server& server, AdoptParts const& parts);

}  // namespace sb::api
