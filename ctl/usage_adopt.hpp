#pragma once
// The page of the command that takes over folders of another program.

#include "ctl/usage.hpp"

namespace sb::ctl {

CommandWord adopt_word();

}  // namespace sb::ctl
