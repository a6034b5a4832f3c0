#pragma once
// The calls of the catalogue that change LocalPath or decide whether it may be changed. Blocking: run them on a pool.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"

#include <cstddef>
#include <string>

namespace sb::catalog {

/// Errors as ports::Catalog::check_new_name.
Result<void> check_name_is_free(platform::Folder const& local_path, std::string const& name);

/// Brings every file that the manifest lists to the disk, then the manifest. `damaged_backup` if a file is
/// no longer as the manifest says. May be repeated.
Result<void> commit_manifest(platform::Folder const& local_path, core::Manifest const& manifest);

/// Moves the folder to the trash, so that it stops being seen at once, and removes it there.
Result<void> discard_folder(platform::Folder const& local_path, std::string const& name);

/// Ends removals that an earlier run began. The number of folders.
Result<std::size_t> empty_trash(platform::Folder const& local_path);

}  // namespace sb::catalog
