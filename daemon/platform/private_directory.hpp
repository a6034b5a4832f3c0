#pragma once
// What the daemon creates outside of the share, and other users must not read.

#include "common/error.hpp"

#include <filesystem>

namespace sb::platform {

/// Creates the directory (mode 0700) and its parents where they are missing, and flushes their names to disk: what is
/// recorded in it must not vanish in a power failure. An existing one loses the rights of all other users, because the
/// names of all VMs are in it; its group keeps those that it has. `refused` if that fails, or if this process is root
/// and the directory is another user's: root's files in it would keep that user's daemon from starting.
Result<void> make_private_directory(std::filesystem::path const& directory);

/// Creates an empty file that its user may write and its group may read (mode 0640, whatever the umask). A file that
/// exists stays as it is. Best effort: the program that opens it next reports why it is not there.
void create_for_group(std::filesystem::path const& file);

}  // namespace sb::platform
