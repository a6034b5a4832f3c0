#pragma once
// A child process whose output is stored. It never outlives its owner.

#include "tests/support/temp_dir.hpp"
#include "tests/support/wait_until.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace sb::test {

/// How a process ended: with an exit code, or by a signal (then code is 128 + signal, as in shells).
struct Exit {
    int code = 0;
    int signal = 0;
};

struct Command {
    std::vector<std::string> argv;  ///< argv[0] is searched in PATH unless it contains a slash
    std::vector<std::pair<std::string, std::string>> environment = {};  ///< added to ours
    std::string input = {};                                             ///< its standard input
};

class Process {
public:
    /// Throws if it cannot be started.
    explicit Process(Command command);
    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;
    ~Process();  ///< kills it if it is still running

    pid_t pid() const { return pid_; }
    bool running() { return !poll_exit().has_value(); }

    /// Standard output and error so far. Stored in files, so that a verbose child never blocks.
    std::string out() const { return read_file(files_ / "out"); }
    std::string err() const { return read_file(files_ / "err"); }
    /// Waits until the output (or standard error) contains the text; false if the process exited without it.
    bool wait_for_output(std::string_view text, std::chrono::milliseconds limit = patience);

    /// Nothing if it is still running at the end of the limit.
    std::optional<Exit> wait(std::chrono::milliseconds limit = patience);
    void signal(int number);
    /// SIGTERM, then SIGKILL if it does not exit within the limit. The result shows which it was.
    Exit stop(std::chrono::milliseconds limit = std::chrono::seconds{10});
    Exit kill();

private:
    std::optional<Exit> poll_exit();

    TempDir files_;
    pid_t pid_ = -1;
    std::optional<Exit> exit_;
};

/// The result of a finished command.
struct Finished {
    int code = -1;  ///< 128 + signal if a signal ended it; -1 if it timed out (and was killed)
    std::string out, err;
};
Finished run(Command command, std::chrono::milliseconds limit = patience);

/// Whether a program with this name is in PATH or in the sbin folders (smbd).
std::optional<std::string> find_program(std::string const& name);

}  // namespace sb::test
