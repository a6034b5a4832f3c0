#pragma once
// The help pages of the commands that deal with single disks. Seen by usage.cpp alone.

#include "ctl/usage.hpp"

namespace sb::ctl {

std::vector<CommandWord> disk_words();

}  // namespace sb::ctl
