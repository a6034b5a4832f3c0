#pragma once

#include "common/error.hpp"

#include <filesystem>

namespace sb::platform {

/// Makes the directory (mode 0700) and those above it where they are missing, and brings their names to the disk: what
/// is recorded in it must not vanish with it in a power cut. One that is there is left as it is.
Result<void> make_private_directory(std::filesystem::path const& directory);

}  // namespace sb::platform
