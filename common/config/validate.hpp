#pragma once
// The rules of the configuration as a whole: a parsed source becomes a Config, and everything that is wrong
// with it a problem. Reads password files, touches nothing else. Internal to this folder; the way in is load.hpp.

#include "common/config/load.hpp"
#include "common/config/source.hpp"

namespace sb::config {

/// Adds to what `loaded` already holds.
void validate(Source const& source, Loaded& loaded);

}  // namespace sb::config
