#pragma once
// Where text goes and what is known of the other end, as one value, so that tests can stand in for a terminal.

#include "common/json/writer.hpp"
#include "common/time.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/render_options.hpp"

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace sb::ctl {

/// What the process found when it began (terminal_posix.cpp).
struct Terminal {
    bool out = false;      ///< stdout is a terminal
    bool err = false;      ///< stderr is a terminal
    bool can_draw = true;  ///< false for TERM=dumb, where nothing can be drawn over
    bool color = false;
    std::function<std::size_t()> width;  ///< asked at each use: windows change their size
};

struct Console {
    std::ostream& out;  ///< stdout: what was asked for
    std::ostream& err;  ///< stderr: progress, notices, errors
    Terminal terminal;
    std::function<UtcTime()> now;
    std::function<SteadyTime()> steady_now;
    std::function<std::chrono::minutes(UtcTime)> offset;

    /// For text on stdout.
    RenderOptions render_options() const {
        RenderOptions options;
        if (terminal.out && terminal.width) options.width = terminal.width();
        options.color = terminal.color && terminal.out;
        options.now = now();
        options.offset = offset;
        return options;
    }

    /// For JSON on stdout: readable on a terminal, compact into a pipe.
    json::Layout json_layout() const { return terminal.out ? json::Layout::pretty : json::Layout::compact; }

    /// One line, or several, on stderr, without control characters, wherever they come from.
    void say(std::string_view text) { err << escape_within_lines(text) << '\n' << std::flush; }
};

/// Checks stdout, stderr, TERM and NO_COLOR.
Terminal terminal_of_process(bool no_color);

/// The signals that end a command as Ctrl-C does. The one of a closed terminal is not among them in a process that was
/// started with it ignored (nohup).
std::vector<int> ending_signals();

}  // namespace sb::ctl
