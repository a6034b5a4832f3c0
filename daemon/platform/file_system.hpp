#pragma once
// What this process can find out about a path's file system. Blocking; nothing is left behind.

#include "common/error.hpp"
#include "daemon/ports/catalog.hpp"

#include <filesystem>

namespace sb::platform {

/// Free is what an ordinary user may still write, bytes.
Result<ports::Space> space_of(std::filesystem::path const& path);

/// Creates a folder with a unique name in there and removes it again.
Result<void> probe_writable(std::filesystem::path const& folder);

/// Whether this process may run the file.
bool may_execute(std::filesystem::path const& file);

/// Whether the folder is on another machine's disk (NFS, SMB …): a reboot here does not lose what is not yet on it.
bool is_on_another_machine(std::filesystem::path const& folder);

}  // namespace sb::platform
