#pragma once
// What every command gets: the global options, the console, and whether Ctrl-C was pressed. And the function that runs
// a command.

#include "common/error.hpp"
#include "common/task.hpp"
#include "ctl/cli/command_line.hpp"
#include "ctl/console.hpp"

#include <chrono>
#include <string_view>

namespace sb::ctl {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_not_found = 3;  ///< that of Errc::not_found
inline constexpr int exit_interrupted = 130;

/// How following waits: for a daemon that went away, and between two requests.
struct RetryPolicy {
    Milliseconds reconnect_for{10'000};
    Milliseconds pause{250};
    Milliseconds poll_run_every{500};  ///< the daemon sends no notifications about a run of the schedule
};

struct Session {
    GlobalOptions options;
    Console& console;
    RetryPolicy retry;
    bool interrupted = false;  ///< SIGINT, SIGTERM or SIGHUP came; what was awaited has been cancelled
};

/// Prints the error on stderr (and, with --json, as the one document on stdout) and returns the exit code: 130 after
/// an interrupt, else that of the error.
int report(Session& session, Error const& error);
/// Prints only the message, on stderr.
void say_error(Session& session, Error const& error);

/// The same for a call that starts something. If the request was on its way, it may have arrived, and its id is not
/// known: then `what` ("The job") may have started, and `command` ("scale-backupctl jobs") shows whether it did.
int report_failed_start(Session& session, Error const& error, std::string_view what, std::string_view command);

/// The exit code of a command that has printed everything: `code`, but 1 if stdout did not take it, with a message.
int flushed(Session& session, int code);

/// The whole program behind the command line: event loop, Ctrl-C, command. Returns the exit code.
int run(Session& session, Arguments arguments);

}  // namespace sb::ctl
