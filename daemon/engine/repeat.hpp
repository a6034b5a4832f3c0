#pragma once
// A background loop that continues after a bug: each watch of the engine is one.

#include "daemon/async/task.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <string>

namespace sb::engine {

/// Runs `turn`, pauses, and runs it again, forever; ends when cancelled. An exception of a turn is a bug: it is logged
/// as "`what` failed", and the next turn comes after the pause.
task<void> repeat(ports::Time& time, Milliseconds pause, std::string what, std::function<task<void>()> turn);

}  // namespace sb::engine
