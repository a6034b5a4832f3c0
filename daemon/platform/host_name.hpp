#pragma once

#include <string>

namespace sb::platform {

/// This machine's name, for people.
std::string host_name();

}  // namespace sb::platform
