#pragma once
// The calls of the catalogue that change LocalPath or decide whether it may be changed. Blocking: run them on a pool.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"

#include <mutex>
#include <string>

namespace sb::catalog {

/// Errors as ports::Catalog::check_new_name.
Result<void> check_name_is_free(platform::Folder const& local_path, std::string const& name);

/// Brings every file that the manifest lists to the disk, then the manifest. `damaged_backup` if a file is
/// no longer as the manifest says. May be repeated.
Result<void> commit_manifest(platform::Folder const& local_path, core::Manifest const& manifest);

/// Moves the folder to the trash, so that it stops being seen at once, and removes it there.
Result<void> discard_folder(platform::Folder const& local_path, std::string const& name);

/// Moves the backup to the trash and removes it there. Errors as ports::Catalog::remove; `refused` also for a manifest
/// that is of another folder, for a backup inside the backup, and for something that is mounted there. `one_change`
/// keeps a set_protection() of the same backup out between the look at its protection and the move.
Result<void> remove_backup(platform::Folder const& local_path, std::string const& name, std::mutex& one_change);

/// Replaces the manifest if it says otherwise. `refused` for a folder without a manifest or with one of a newer
/// version, `damaged_backup` for one that cannot be read.
Result<core::Backup> set_protection(platform::Folder const& local_path, std::string const& name, bool is_protected,
                                    std::mutex& one_change);

}  // namespace sb::catalog
