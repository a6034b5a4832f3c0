#pragma once
// Whether a backup can be read now. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/platform/folder.hpp"

#include <string>

namespace sb::catalog {

/// Reads the manifest, the definition, all tables of each image, and samples of every file's data (verify/samples.hpp),
/// past the cache as far as the system offers that: what is read has to come from the disk. The samples of a backup
/// whose content was verified are compared with the digests of that time (verify/sampled_chunks.hpp). Errors:
/// `not_found`; `damaged_backup` and `incomplete_backup` if it is bad; any other if it could not be read. The message
/// names backup and file.
Result<void> check_readable(platform::Folder const& local_path, std::string const& name);

/// As in ports::Catalog.
Result<std::string> file_states(platform::Folder const& local_path, std::string const& name);

}  // namespace sb::catalog
