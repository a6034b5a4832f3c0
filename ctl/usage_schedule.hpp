#pragma once
// The help pages of the commands that deal with the schedule and with retention. Seen by usage.cpp alone.

#include "ctl/usage.hpp"

namespace sb::ctl {

std::vector<CommandWord> schedule_words();

}  // namespace sb::ctl
