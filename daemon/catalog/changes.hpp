#pragma once
// The catalogue's calls that change LocalPath or decide whether it may be changed. Blocking: run them on a pool.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"

#include <mutex>
#include <string>

namespace sb::catalog {

/// Errors as ports::Catalog::check_new_name.
Result<void> check_name_is_free(platform::Folder const& local_path, std::string const& name);

/// Flushes every file that the manifest lists to disk, then writes the manifest into the folder. `damaged_backup` if a
/// file no longer matches the manifest. May be repeated.
Result<void> write_manifest(platform::Folder const& local_path, std::string const& folder_name,
                            core::Manifest const& manifest);

/// Rewrites the manifest if its protection differs. `refused` for a folder without a manifest or with one of a newer
/// version, `damaged_backup` for one that cannot be read.
Result<core::Backup> set_protection(platform::Folder const& local_path, std::string const& name, bool is_protected,
                                    std::mutex& manifest_mutex);

/// Notes in the manifest that a person accepted the export then, unless one has already. Errors as set_protection().
Result<core::Backup> accept_export(platform::Folder const& local_path, std::string const& name, UtcTime at,
                                   std::mutex& manifest_mutex);

/// Errors as ports::Catalog::probe. Leaves nothing behind; what a crash leaves, empty_trash() removes.
Result<void> probe(platform::Folder const& local_path);

}  // namespace sb::catalog
