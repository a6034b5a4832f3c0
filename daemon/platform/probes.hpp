#pragma once
// Small looks at what this process may do with a path. Blocking; nothing is left behind.

#include "common/error.hpp"

#include <filesystem>

namespace sb::platform {

/// Makes a folder of a name of its own in there and removes it again.
Result<void> probe_writable(std::filesystem::path const& folder);

/// Whether this process may run the file.
bool may_execute(std::filesystem::path const& file);

}  // namespace sb::platform
