#pragma once
// The OldFolders port on a folder of this machine (LocalPath).

#include "daemon/async/pool.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/ports/old_folders.hpp"

#include <filesystem>
#include <memory>

namespace sb::catalog {

/// Blocking, as ports::OldFolders.
Result<std::vector<std::string>> folders_without_manifest(platform::Folder const& local_path);
Result<core::OldFolder> inspect_old_folder(platform::Folder const& local_path, std::string const& name);

/// `pool` must outlive it.
std::unique_ptr<ports::OldFolders> make_old_folders(BlockingPool& pool, std::filesystem::path local_path);

}  // namespace sb::catalog
