#pragma once
// The help of `completion`.

#include "ctl/usage.hpp"

namespace sb::ctl {

std::vector<CommandWord> completion_words();

}  // namespace sb::ctl
