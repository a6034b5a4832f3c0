#pragma once
// Where text goes and what is known of the other end, as one value, so that tests can stand in for a terminal.

#include "common/time.hpp"
#include "ctl/render/look.hpp"

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

namespace sb::ctl {

/// What the process found when it began (terminal_posix.cpp).
struct Terminal {
    bool results = false;  ///< stdout is a terminal
    bool talk = false;     ///< stderr is a terminal
    bool can_draw = true;  ///< false for TERM=dumb, where nothing can be drawn over
    bool color = false;
    std::function<std::size_t()> width;  ///< asked at each use: windows change their size
};

struct Console {
    std::ostream& results;  ///< stdout: what was asked for
    std::ostream& talk;     ///< stderr: progress, notices, errors
    Terminal terminal;
    std::function<UtcTime()> now;
    std::function<SteadyTime()> steady_now;
    std::function<std::chrono::minutes(UtcTime)> offset;

    /// For text on stdout.
    Look look() const {
        Look look;
        if (terminal.results && terminal.width) look.width = terminal.width();
        look.color = terminal.color && terminal.results;
        look.now = now();
        look.offset = offset;
        return look;
    }

    void say(std::string_view line) { talk << line << '\n' << std::flush; }
};

/// Looks at stdout, stderr, TERM and NO_COLOR.
Terminal terminal_of_process(bool no_color);

}  // namespace sb::ctl
