#pragma once
// Folders with the manifest of one attempt: the landing folder, the backup that it has become, and copies that a person
// made of either. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"

#include <optional>
#include <string>

namespace sb::catalog {

struct Landed {
    std::string name;  ///< on disk
    platform::Folder folder;
    std::string text;  ///< of the manifest
    core::Manifest manifest;
};

/// A manifest that cannot be decoded, or that is a link, is not the one of this attempt: it is written again.
Result<std::optional<Landed>> manifest_of_attempt(platform::Folder const& local_path, std::string const& name,
                                                  std::string const& attempt);

/// The folder that is to become the backup or has become it, with the files that its manifest lists. A copy counts only
/// if it is whole and the folder itself is gone. Errors: `incomplete_backup` and `damaged_backup` if the manifest is
/// there, but not its files.
Result<std::optional<Landed>> find_landed(platform::Folder const& local_path, std::string const& landing,
                                          std::string const& backup);

/// Whether any folder that may be a backup is one of this attempt, with all files.
Result<bool> is_backup_already(platform::Folder const& local_path, std::string const& attempt);

/// The name that was ordered for the export in this landing folder, according to its manifest: an interrupted commit
/// may have written a numbered one into it already. Nothing if the landing folder has another name than the export's:
/// then it is a copy.
std::optional<std::string> ordered_name(std::string const& in_manifest, std::string const& landing);

}  // namespace sb::catalog
