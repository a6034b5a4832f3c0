#pragma once
// The file that identifies LocalPath. Blocking: run it on a pool.

#include "daemon/platform/folder.hpp"
#include "daemon/ports/catalog.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::catalog {

Result<ports::StorageMark> read_storage_mark(platform::Folder const& local_path);
/// Returns the new mark.
Result<std::string> write_storage_mark(platform::Folder const& local_path);

/// The files that identify the installation that uses LocalPath for a cluster.
Result<std::optional<std::string>> read_owner_file(platform::Folder const& local_path, std::string const& cluster);
Result<std::vector<std::string>> list_owner_files(platform::Folder const& local_path);
/// The file that an installation writes and then renames to the owner file. Each has its own, so that of two that write
/// at the same moment neither publishes or removes the other's text. Its name stays the same, so that a crash leaves at
/// most one.
std::string claim_file(std::string const& cluster, std::string const& text);
Result<void> write_owner_file(platform::Folder const& local_path, std::string const& cluster, std::string const& text);

}  // namespace sb::catalog
