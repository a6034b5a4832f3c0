#pragma once
// A child process whose output is kept. It never outlives its owner.

#include "tests/support/temp_dir.hpp"
#include "tests/support/wait_until.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace sb::test {

/// How a process ended: by itself with a code, or by a signal (then code is 128 + signal, as shells say).
struct Exit {
    int code = 0;
    int signal = 0;
};

struct Command {
    std::vector<std::string> argv;  ///< argv[0] is looked up in PATH unless it holds a slash
    std::vector<std::pair<std::string, std::string>> environment = {};  ///< put on top of ours
    std::string input = {};                                             ///< what it reads on standard input
};

class Process {
public:
    /// Throws if it cannot be started.
    explicit Process(Command command);
    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;
    ~Process();  ///< kills it if it still runs

    pid_t pid() const { return pid_; }
    bool running() { return !poll_exit().has_value(); }

    /// Standard output and error so far. Kept in files, so that a talkative child never blocks.
    std::string out() const { return read_file(files_ / "out"); }
    std::string err() const { return read_file(files_ / "err"); }
    /// Waits until the output (or standard error) holds the text; false if the process ended without it.
    bool wait_for_output(std::string_view text, std::chrono::milliseconds limit = patience);

    /// Nothing if it still runs at the end of the limit.
    std::optional<Exit> wait(std::chrono::milliseconds limit = patience);
    void signal(int number);
    /// SIGTERM, and SIGKILL if that does not end it within the limit. The exit tells which it was.
    Exit stop(std::chrono::milliseconds limit = std::chrono::seconds{10});
    Exit kill();

private:
    std::optional<Exit> poll_exit();

    TempDir files_;
    pid_t pid_ = -1;
    std::optional<Exit> exit_;
};

/// What a command that ran to its end left.
struct Finished {
    int code = -1;  ///< 128 + signal if a signal ended it; -1 if it did not end in time (it is killed then)
    std::string out, err;
};
Finished run(Command command, std::chrono::milliseconds limit = patience);

/// Whether a program of this name is in PATH (or in the sbin folders, where smbd lives).
std::optional<std::string> find_program(std::string const& name);

}  // namespace sb::test
