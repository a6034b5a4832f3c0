#pragma once

#include "common/config/model.hpp"
#include "daemon/engine/situation.hpp"

namespace sb::app {

/// [Schedule] as the core wants it.
engine::ScheduleSettings schedule_settings(config::Config const& config);

}  // namespace sb::app
