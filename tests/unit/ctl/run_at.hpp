#pragma once
// Runs one command line against a socket, with a console made of strings, a fixed time and zone.

#include "ctl/session.hpp"
#include "tests/unit/ctl/samples.hpp"

#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace sb::ctl {

using CommandWords = std::vector<std::string>;

struct Ran {
    int code = -1;
    std::string out;
    std::string err;
};

struct How {
    bool json = false;
    bool terminal = false;
    RetryPolicy retry{Milliseconds{2000}, Milliseconds{5}, Milliseconds{5}};
    std::size_t width = 80;
    bool out_fails = false;                  ///< stdout is closed, or its disk is full
    std::function<void()> before_a_drawing;  ///< what happens meanwhile, before each line that is drawn over
};

inline Ran run_at(std::string const& socket, CommandWords const& words, How how = {}) {
    auto invocation = parse_command_line(words, {std::nullopt, socket});
    if (!invocation) throw std::runtime_error(invocation.error().context);
    std::ostringstream out, err;
    if (how.out_fails) out.setstate(std::ios::badbit);
    auto steady = [] { return std::chrono::floor<Milliseconds>(std::chrono::steady_clock::now()); };
    auto width = [how] {
        if (how.before_a_drawing) how.before_a_drawing();
        return how.width;
    };
    Console console{out,
                    err,
                    {how.terminal, how.terminal, true, false, width},
                    [] { return noon; },
                    steady,
                    [](UtcTime) { return std::chrono::minutes{60}; }};
    invocation->options.json = how.json;
    Session session{invocation->options, console, how.retry};
    int const code = run(session, invocation->arguments);
    return {code, out.str(), err.str()};
}

}  // namespace sb::ctl
