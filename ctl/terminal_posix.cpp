#include "ctl/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace sb::ctl {
namespace {

std::string_view environment(char const* name) {
    char const* value = std::getenv(name);
    return value ? value : "";
}

std::size_t width_of_window() {
    constexpr std::size_t usual = 80;
    for (int const descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
        winsize window{};
        if (::ioctl(descriptor, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) return window.ws_col;
    }
    return usual;
}

}  // namespace

Terminal terminal_of_process(bool no_color) {
    Terminal terminal;
    terminal.out = ::isatty(STDOUT_FILENO) == 1;
    terminal.err = ::isatty(STDERR_FILENO) == 1;
    auto const kind = environment("TERM");
    terminal.can_draw = !kind.empty() && kind != "dumb";
    terminal.color = !no_color && environment("NO_COLOR").empty() && terminal.can_draw;
    terminal.width = width_of_window;
    return terminal;
}

std::vector<int> ending_signals() {
    std::vector<int> signals{SIGINT, SIGTERM};
    struct sigaction hang_up {};
    bool const is_ignored = ::sigaction(SIGHUP, nullptr, &hang_up) == 0 && hang_up.sa_handler == SIG_IGN;
    if (!is_ignored) signals.push_back(SIGHUP);
    return signals;
}

}  // namespace sb::ctl
