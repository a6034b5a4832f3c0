#include "tests/support/python.hpp"

#include "tests/support/process.hpp"

#include <map>
#include <mutex>

#include <unistd.h>

namespace sb::test {

std::string python() { return find_program("python3").value_or("python3"); }

std::optional<std::string> python_with(std::string const& module) {
    static std::mutex one_at_a_time;
    static std::map<std::string, std::optional<std::string>> known;
    std::lock_guard const lock(one_at_a_time);
    if (auto const found = known.find(module); found != known.end()) return found->second;
    auto& answer = known[module];
    for (auto const& candidate : {std::string("/usr/bin/python3"), python()}) {
        if (::access(candidate.c_str(), X_OK) != 0) continue;
        if (run({.argv = {candidate, "-c", "import " + module}}).code == 0) return answer = candidate;
    }
    return answer;
}

}  // namespace sb::test
