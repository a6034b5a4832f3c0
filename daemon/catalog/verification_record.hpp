#pragma once
// The results of a verification, recorded in the manifest. Blocking: run it on a pool. `manifest_mutex` as for
// set_protection().

#include "common/error.hpp"
#include "daemon/core/verification.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/verify/digest_format.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace sb::catalog {

/// `damaged_backup` if its manifest is not as this program wrote it.
Result<void> check_manifest_is_unchanged(platform::Folder const& local_path, std::string const& name);

/// The manifest of a backup. Errors as check_backup().
Result<core::Manifest> read_manifest(platform::Folder const& local_path, std::string const& name);

/// Checks the definition, disks and tables, and every file that the manifest lists; above the level `structure` also
/// the manifest's own checksum. Errors: `not_found`, `refused` without a manifest, `damaged_backup`,
/// `incomplete_backup` (only: a file is missing), `io`.
Result<core::Manifest> check_backup(platform::Folder const& local_path, std::string const& name, core::Level level);

/// Records a verification that passed. `files` are the roots, for `content` and `reread`. True if it cleared a record
/// of damage.
Result<bool> record_verification(platform::Folder const& local_path, std::string const& name, core::Level level,
                                 UtcTime at, std::vector<verify::VerifiedFile> const& files,
                                 std::mutex& manifest_mutex);

/// Records that the backup is damaged. From then on every listing shows it.
Result<void> record_damage(platform::Folder const& local_path, std::string const& name, core::Damage const& damage,
                           std::mutex& manifest_mutex);

}  // namespace sb::catalog
