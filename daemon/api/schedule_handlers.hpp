#pragma once
// Registers the handlers of the methods for the schedule.

#include "daemon/api/long_calls.hpp"
#include "daemon/control/server.hpp"
#include "daemon/core/civil.hpp"
#include "daemon/engine/clock_watch.hpp"
#include "daemon/engine/scheduler.hpp"
#include "daemon/notify/alerts.hpp"
#include "daemon/ports/mail.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sb::api {

struct ScheduleParts {
    engine::Engine& engine;
    engine::Scheduler& scheduler;
    engine::ClockWatch& clock;
    ports::Catalog& catalog;
    ports::Mail& mail;
    std::function<notify::Origin()> origin;
    std::function<std::vector<std::string>()> recipients;  ///< of mails, as configured
    LongCalls& long_calls;
    /// The zone as it is now: a reload may replace the daemon's while another thread computes with it.
    std::function<std::shared_ptr<core::Zone const>()> zone_now;
};

/// The parts must outlive the server.
void register_schedule_handlers(control::Server& server, ScheduleParts const& parts);

}  // namespace sb::api
