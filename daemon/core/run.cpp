#include "daemon/core/run.hpp"

#include <algorithm>
#include <utility>

namespace sb::core {

void note_problem(Run& run, std::string problem) {
    if (std::ranges::find(run.problems, problem) == run.problems.end()) run.problems.push_back(std::move(problem));
}

void note_not_reached(Run& run, std::string vm_name) {
    if (std::ranges::find(run.not_reached, vm_name) == run.not_reached.end())
        run.not_reached.push_back(std::move(vm_name));
}

}  // namespace sb::core
