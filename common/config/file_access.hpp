#pragma once
// Who may read a file, as far as the system tells.

#include <filesystem>

namespace sb::config {

/// Whether every user of this machine may read the file. False where the system cannot say.
bool readable_by_everybody(std::filesystem::path const& path);

}  // namespace sb::config
