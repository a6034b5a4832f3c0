#pragma once
// A configuration for people, as `scale-backupd --check-config` prints it.

#include "common/config/model.hpp"

#include <string>

namespace sb::config {

/// Every setting with defaults filled in, one a line below its section. Passwords are shown as "(set)" or "(not set)".
std::string summary(Config const& config);

}  // namespace sb::config
