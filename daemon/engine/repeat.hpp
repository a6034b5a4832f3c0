#pragma once
// A background loop that continues after a bug: each watch and each activity of the engine is one.

#include "daemon/async/task.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <string>

namespace sb::engine {

/// How a loop is repeated.
struct Repetition {
    std::string what;             ///< what each turn does, for the log: "`what` failed"
    Milliseconds pause{0};        ///< between two turns; 0 = the turns wait themselves
    Milliseconds after_a_bug{0};  ///< before the turn after one that threw
    /// Called with the text of a turn's exception.
    std::function<void(std::string const&)> failed = [](std::string const&) {};
};

/// Runs `turn`, pauses, and runs it again, forever; ends when cancelled. An exception of a turn is a bug: it is logged,
/// and the next turn comes after the pause for that.
task<void> repeat(ports::Time& time, Repetition repetition, std::function<task<void>()> turn);
/// The same with one pause for both.
task<void> repeat(ports::Time& time, Milliseconds pause, std::string what, std::function<task<void>()> turn);

}  // namespace sb::engine
