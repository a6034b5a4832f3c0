#pragma once
// Whether a folder still has the files that its manifest lists. Only these are the backup (verify/backup_files.hpp);
// whatever else is in the folder does not matter.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"

#include <cstdint>
#include <optional>

namespace sb::catalog {

struct ListedFiles {
    std::uint64_t bytes = 0;       ///< of those that are there
    std::optional<Error> problem;  ///< the first one
};

/// Compares names, kinds and sizes. Problems: `incomplete_backup` if a file is missing, `damaged_backup` if it has
/// another size or is not a regular file, errors of the file system.
ListedFiles check_listed_files(platform::Folder const& folder, core::Manifest const& manifest);

/// The first problem, as "'/share/folder' changed after it was inspected: ...".
Result<void> check_as_inspected(platform::Folder const& folder, core::Manifest const& manifest);

}  // namespace sb::catalog
