#pragma once
// A backup's folder, opened for a change, and whether it may be deleted. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/platform/folder.hpp"

#include <string>

namespace sb::catalog {

struct OpenBackup {
    platform::Folder folder;
    std::string text;  ///< of its manifest
};

/// Opens a folder that has a manifest: `not_found` if it does not exist, `refused` if it has none. `consequence`: what
/// that means, for the message.
Result<OpenBackup> open_backup(platform::Folder const& local_path, std::string const& name,
                               std::string const& consequence);

/// `refused` for what no export contains: another backup in a subfolder, or a mount point.
Result<void> check_holds_nothing_else(platform::Folder const& folder);

/// Opens a backup that may be deleted: `refused` if it is protected, or if that is not known, if its manifest belongs
/// to another folder, and as check_holds_nothing_else().
Result<OpenBackup> open_removable(platform::Folder const& local_path, std::string const& name);

}  // namespace sb::catalog
