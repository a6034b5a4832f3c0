#pragma once

#include "common/config/model.hpp"
#include "daemon/engine/schedule_snapshot.hpp"

namespace sb::app {

/// [Schedule] as the core wants it.
engine::ScheduleSettings schedule_settings(config::Config const& config);

}  // namespace sb::app
