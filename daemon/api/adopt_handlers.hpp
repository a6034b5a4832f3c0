#pragma once
// Registers the handlers of the adopt.* methods.

#include "daemon/api/long_calls.hpp"
#include "daemon/control/server.hpp"
#include "daemon/core/civil.hpp"
#include "daemon/engine/adoption.hpp"
#include "daemon/engine/scheduler.hpp"

#include <functional>
#include <memory>

namespace sb::api {

struct AdoptParts {
    engine::Adopter& adopter;
    engine::Scheduler& scheduler;
    std::function<bool()> has_schedule;
    LongCalls& long_calls;
    /// The zone as it is now: a reload may replace the daemon's while another thread computes with it.
    std::function<std::shared_ptr<core::Zone const>()> zone_now;
};

/// The parts must outlive the server.
void register_adopt_handlers(control::Server& server, AdoptParts const& parts);

}  // namespace sb::api
