#pragma once
// The Programs port: children of the daemon, several at a time. Each leads its own process group, which is ended as a
// whole when its time limit has passed or the job is cancelled.

#include "daemon/ports/programs.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

namespace sb::hooks {

struct RunLimits {
    Milliseconds grace = std::chrono::seconds(10);  ///< between SIGTERM and SIGKILL
    Milliseconds drain = std::chrono::seconds(2);   ///< for output that a grandchild may still write
    Milliseconds give_up =
        std::chrono::seconds(30);         ///< after SIGKILL: a process that hangs in the kernel is abandoned
    std::size_t kept_output = 64 * 1024;  ///< bytes of ProgramResult::output
    std::size_t logged_lines = 1000;      ///< the rest is only in ProgramResult::output
};

/// Output is logged as it arrives, at info, line by line.
std::unique_ptr<ports::Programs> make_programs(RunLimits limits = RunLimits{});

}  // namespace sb::hooks
