#pragma once

#include "common/error.hpp"

#include <filesystem>

namespace sb::platform {

/// Creates the directory (mode 0700) and its parents where they are missing, and flushes their names to disk: what is
/// recorded in it must not vanish in a power failure. An existing one is left as it is.
Result<void> make_private_directory(std::filesystem::path const& directory);

}  // namespace sb::platform
