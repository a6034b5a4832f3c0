#pragma once
// How much room a file system has.

#include "common/error.hpp"
#include "daemon/ports/catalog.hpp"

#include <filesystem>

namespace sb::platform {

/// Free is what an ordinary user may still write, bytes.
Result<ports::Space> space_of(std::filesystem::path const& path);

}  // namespace sb::platform
