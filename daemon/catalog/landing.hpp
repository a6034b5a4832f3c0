#pragma once
// Landing folders (core/landing.hpp) on disk: how an export becomes a backup. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

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

/// The names of all landing folders.
Result<std::vector<std::string>> list_landing_folders(platform::Folder const& local_path);

/// What became of a landing folder with a manifest.
struct FinishedCommit {
    std::string landing;       ///< the folder's name on disk before
    std::string backup;        ///< the name that was ordered, as far as the manifest tells
    Result<std::string> name;  ///< what it is called now, numbered if `backup` was taken; or why it is not committed:
                               ///< errors as ports::Catalog::commit
};

/// As finish_commits() in local_catalog.hpp. One that cannot get its name does not stop the others.
Result<std::vector<FinishedCommit>> finish_commits(platform::Folder const& local_path,
                                                   std::function<bool(core::Manifest const&)> const& accepts,
                                                   std::mutex& manifest_mutex);

}  // namespace sb::catalog
