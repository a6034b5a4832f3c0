#pragma once
// Carries out one command against a socket, with a console made of strings, a fixed time and zone.

#include "ctl/session.hpp"
#include "tests/unit/ctl/samples.hpp"

#include <sstream>
#include <string>

namespace sb::ctl {

struct Ran {
    int code = -1;
    std::string results;
    std::string talk;
};

struct How {
    bool json = false;
    bool terminal = false;
    RetryPolicy retry{Milliseconds{2000}, Milliseconds{5}, Milliseconds{5}};
    std::size_t width = 80;
};

inline Ran run_at(std::string const& socket, Command command, How how = {}) {
    std::ostringstream results, talk;
    auto steady = [] { return std::chrono::floor<Milliseconds>(std::chrono::steady_clock::now()); };
    auto width = [how] { return how.width; };
    Console console{results,
                    talk,
                    {how.terminal, how.terminal, true, false, width},
                    [] { return noon; },
                    steady,
                    [](UtcTime) { return std::chrono::minutes{60}; }};
    Session session{{socket, how.json, false}, console, how.retry};
    int const code = run(session, std::move(command));
    return {code, results.str(), talk.str()};
}

}  // namespace sb::ctl
