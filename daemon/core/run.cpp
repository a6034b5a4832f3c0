#include "daemon/core/run.hpp"

#include <algorithm>
#include <utility>

namespace sb::core {

void note_problem(Run& run, std::string problem) {
    if (std::ranges::find(run.problems, problem) == run.problems.end()) run.problems.push_back(std::move(problem));
}

}  // namespace sb::core
