#pragma once
// A program's output as it arrives in pieces: the last bytes for the alert, and whole lines for the log. Bounded,
// whatever the program does. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sb::hooks {

/// Keeps the last `max_bytes` bytes.
class Tail {
public:
    explicit Tail(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    void add(std::string_view bytes);
    /// Does not start within a UTF-8 character that was cut.
    std::string text() const;

private:
    std::size_t max_bytes_;
    std::string kept_;
    bool cut_ = false;
};

/// Lines, without their ends. Of a progress display that returns to the start of the line ('\r') only the last state.
class Lines {
public:
    explicit Lines(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

    /// The lines that are complete now. One longer than `max_line_bytes` bytes comes in pieces.
    std::vector<std::string> add(std::string_view bytes);
    /// The text after the last line end.
    std::vector<std::string> rest();

private:
    void end_line(std::vector<std::string>& lines);

    std::size_t max_line_bytes_;
    std::string line_;
};

}  // namespace sb::hooks
