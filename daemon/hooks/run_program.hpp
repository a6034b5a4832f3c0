#pragma once
// Runs the administrator's programs as children of the daemon, several at once. Each leads a process group of its own,
// which is ended as a whole when its time is over or the job is cancelled.

#include "daemon/ports/programs.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

namespace sb::hooks {

struct RunLimits {
    Milliseconds grace = std::chrono::seconds(10);    ///< between SIGTERM and SIGKILL
    Milliseconds drain = std::chrono::seconds(2);     ///< for output that a grandchild may still write
    Milliseconds give_up = std::chrono::seconds(30);  ///< after SIGKILL: a process that hangs in the kernel is left
    std::size_t kept_output = 64 * 1024;              ///< bytes of ProgramResult::output
    std::size_t logged_lines = 1000;                  ///< the rest is only in ProgramResult::output
};

/// What the hook prints goes into the log as it comes, at info, a line each. A time limit of 0 is none.
std::unique_ptr<ports::Programs> make_programs(RunLimits limits = RunLimits{});

}  // namespace sb::hooks
