#include "daemon/hooks/outcome_text.hpp"

#include "common/text/duration_text.hpp"

#include <array>
#include <utility>

namespace sb::hooks {
namespace {

// Not strsignal(): it depends on the locale, and people search logs for these words.
constexpr std::array<std::pair<int, char const*>, 9> signals{{{1, "Hangup"},
                                                              {2, "Interrupt"},
                                                              {3, "Quit"},
                                                              {6, "Aborted"},
                                                              {8, "Arithmetic exception"},
                                                              {9, "Killed"},
                                                              {11, "Segmentation fault"},
                                                              {13, "Broken pipe"},
                                                              {15, "Terminated"}}};

}  // namespace

std::string describe(ports::ProgramResult const& result, Milliseconds time_limit) {
    if (result.timed_out) return "ended after its time limit of " + length_text(time_limit);
    if (result.signal == 0) return "exit code " + std::to_string(result.exit_code);
    std::string text = "ended by signal " + std::to_string(result.signal);
    for (auto const& [number, name] : signals) {
        if (number == result.signal) text += " (" + std::string(name) + ")";
    }
    return text;
}

}  // namespace sb::hooks
