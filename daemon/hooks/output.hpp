#pragma once
// A program's output as it arrives in pieces: the last bytes for the alert, and whole lines for the log. Bounded,
// whatever the program does. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sb::hooks {

/// Keeps the last `most` bytes.
class Tail {
public:
    explicit Tail(std::size_t most) : most_(most) {}

    void add(std::string_view bytes);
    /// Does not start within a UTF-8 character that was cut.
    std::string text() const;

private:
    std::size_t most_;
    std::string kept_;
    bool cut_ = false;
};

/// Lines, without their ends. Of a progress display that returns to the start of the line ('\r') only the last state.
class Lines {
public:
    explicit Lines(std::size_t longest) : longest_(longest) {}

    /// The lines that are complete now. One longer than `longest` bytes comes in pieces.
    std::vector<std::string> add(std::string_view bytes);
    /// The text after the last line end.
    std::vector<std::string> rest();

private:
    void end_line(std::vector<std::string>& lines);

    std::size_t longest_;
    std::string begun_;
};

}  // namespace sb::hooks
