#pragma once
// Classifies the folders under LocalPath by their manifests and files. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/catalog/folder_listing.hpp"
#include "daemon/catalog/listing_budget.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::catalog {

/// One folder. Nothing if it is not a backup: missing, a file, a link, hidden, a landing folder, or without any file
/// of an export. `reads`: of a listing, which may not read its manifest; null = it is read.
Result<std::optional<core::Backup>> read_backup(platform::Folder const& local_path, std::string const& name,
                                                ManifestReads* reads = nullptr);

/// Every backup, sorted by name, as much of it as a list needs (listing_budget.hpp). A folder that cannot be read, or
/// does not answer, is listed with the reason.
Result<std::vector<core::Backup>> scan(platform::Folder const& local_path, FolderListing& listing);

}  // namespace sb::catalog
