#pragma once
// The catalogue's calls that change LocalPath or decide whether it may be changed. Blocking: run them on a pool.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/ports/catalog.hpp"

#include <mutex>
#include <string>

namespace sb::catalog {

/// Errors as ports::Catalog::check_new_name.
Result<void> check_name_is_free(platform::Folder const& local_path, std::string const& name);

/// Flushes every file that the manifest lists to disk, then writes the manifest into the folder. `damaged_backup` if a
/// file no longer matches the manifest. May be repeated.
Result<void> write_manifest(platform::Folder const& local_path, std::string const& folder_name,
                            core::Manifest const& manifest);

/// Moves the landing folder to the trash, so that it disappears immediately, and removes it there. Errors as
/// ports::Catalog::discard.
Result<ports::Removal> discard_landing(platform::Folder const& local_path, std::string const& landing);

/// Moves the backup to the trash and removes it there. Errors as ports::Catalog::remove; `refused` also for a manifest
/// that belongs to another folder, for a backup inside the backup, and for a mount point inside it. `manifest_mutex`
/// prevents a set_protection() of the same backup between the check of its protection and the move.
Result<ports::Removal> remove_backup(platform::Folder const& local_path, std::string const& name,
                                     std::mutex& manifest_mutex);

/// Rewrites the manifest if its protection differs. `refused` for a folder without a manifest or with one of a newer
/// version, `damaged_backup` for one that cannot be read.
Result<core::Backup> set_protection(platform::Folder const& local_path, std::string const& name, bool is_protected,
                                    std::mutex& manifest_mutex);

}  // namespace sb::catalog
