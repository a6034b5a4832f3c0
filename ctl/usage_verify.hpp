#pragma once
// The help page of `verify`. Seen by usage.cpp alone.

#include <string_view>

namespace sb::ctl {

extern std::string_view const verify_page;

}  // namespace sb::ctl
