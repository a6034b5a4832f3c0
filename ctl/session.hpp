#pragma once
// What every command gets: the options, the console, and whether Ctrl-C was pressed. And the one function that
// carries a command out.

#include "common/error.hpp"
#include "common/task.hpp"
#include "ctl/command.hpp"
#include "ctl/console.hpp"

#include <chrono>
#include <string_view>

namespace sb::ctl {

inline constexpr int exit_done = 0;
inline constexpr int exit_interrupted = 130;

/// How following waits: for a daemon that went away, and between two looks.
struct RetryPolicy {
    Milliseconds reconnect_for{10'000};
    Milliseconds pause{250};
    Milliseconds look_every{500};  ///< at a run of the schedule, which tells of itself only when asked
};

struct Session {
    Options options;
    Console& console;
    RetryPolicy retry;
    bool interrupted = false;  ///< SIGINT or SIGTERM came; what was awaited has been cancelled
};

/// Says the error on stderr (and, with --json, as the one document on stdout) and returns the exit code: 130 after
/// an interrupt, else that of the error.
int report(Session& session, Error const& error);

/// Carries out one command; the result is the exit code. `session` must outlive it.
task<int> perform(Session& session, Command command);

/// The whole program behind the command line: event loop, Ctrl-C, command. Returns the exit code.
int run(Session& session, Command command);

}  // namespace sb::ctl
