#pragma once
// Landing folders (core/landing.hpp) on disk: how an export becomes a backup. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

namespace sb::catalog {

/// `refused` if it is not the name of a landing folder.
Result<void> check_landing(std::string const& name);

/// The folder's name as it is on disk: a share may not preserve the case of a landing folder's. If there is no such
/// folder, the name itself. Other folders have the name that the caller knows.
Result<std::string> name_on_disk(platform::Folder const& local_path, std::string const& folder);
/// Opens the folder with that name. Errors as Folder::subfolder.
Result<platform::Folder> open_on_disk(platform::Folder const& local_path, std::string const& folder);

// As in ports::Catalog. `manifest_mutex`: as for set_protection(); it also keeps two commits from choosing the same
// name where the system has no rename that replaces nothing.
Result<std::string> new_attempt(platform::Folder const& local_path);
Result<std::optional<core::Manifest>> find_manifest(platform::Folder const& local_path, std::string const& landing,
                                                    std::string const& backup);
Result<std::string> commit_landing(platform::Folder const& local_path, std::string const& landing,
                                   std::string const& backup, std::mutex& manifest_mutex);

/// Commits every landing folder that has a manifest of its attempt. Returns their number. One that cannot get its name
/// does not stop the others.
Result<std::size_t> finish_commits(platform::Folder const& local_path);

}  // namespace sb::catalog
