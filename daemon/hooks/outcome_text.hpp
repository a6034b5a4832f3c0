#pragma once
// How a hook ended, for the log, the job's error and the alert.

#include "daemon/ports/programs.hpp"

#include <string>

namespace sb::hooks {

/// "exit code 3", "ended by signal 15 (Terminated)", "ended after its time limit of 4 hours".
std::string describe(ports::ProgramResult const& result, Milliseconds time_limit);

}  // namespace sb::hooks
