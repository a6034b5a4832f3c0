#pragma once
// The configuration as the engine uses it.

#include "common/config/model.hpp"
#include "daemon/engine/schedule_snapshot.hpp"
#include "daemon/engine/verifier.hpp"

namespace sb::app {

/// [Schedule]
engine::ScheduleSettings schedule_settings(config::Config const& config);

/// [Verify], and the backup window that it refers to.
engine::VerifySettings verify_settings(config::Config const& config);

/// [Schedule] UndeleteFor, which applies without [Schedule], too; zero = what is deleted is gone.
Milliseconds undelete_for(config::Config const& config);

}  // namespace sb::app
