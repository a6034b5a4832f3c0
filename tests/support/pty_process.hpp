#pragma once
// A program on its own terminal, as a person would see it. It never outlives its owner.

#include "tests/support/process.hpp"

#include <string>
#include <string_view>

namespace sb::test {

struct WindowSize {
    unsigned short columns = 80, rows = 24;
};

class PtyProcess {
public:
    /// Throws if it cannot be started. Ignores `command.input`: use type().
    explicit PtyProcess(Command command, WindowSize size = {});
    PtyProcess(PtyProcess const&) = delete;
    PtyProcess& operator=(PtyProcess const&) = delete;
    ~PtyProcess();

    void type(std::string_view bytes);
    void resize(WindowSize size);
    /// Whether the text appears within the limit in the output since the last match. Ignores control sequences.
    bool wait_for(std::string_view text, std::chrono::milliseconds limit = patience);
    /// All output so far, including control sequences.
    std::string const& raw() const { return raw_; }
    /// Waits until it exits. -1 if it does not exit in time.
    int exit_code(std::chrono::milliseconds limit = patience);
    /// Whether the terminal echoes and edits lines again, as a shell expects it.
    bool is_cooked() const;

private:
    void read_what_is_there();

    int master_ = -1;
    pid_t pid_ = -1;
    std::string raw_;
    std::size_t seen_ = 0;  ///< position in plain(raw_)
};

/// The text without escape sequences and carriage returns.
std::string plain(std::string_view terminal_bytes);

}  // namespace sb::test
