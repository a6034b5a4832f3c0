#pragma once
// What a proof found, noted in the manifest. Blocking: run it on a pool. `one_change` as for set_protection().

#include "common/error.hpp"
#include "daemon/core/verification.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/verify/digest_format.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace sb::catalog {

/// The manifest of a backup. Errors as check_backup().
Result<core::Manifest> read_manifest(platform::Folder const& local_path, std::string const& name);

/// Definition, disks and tables once more, and every file that the manifest lists; with a level above structure also
/// the manifest's own seal. Errors: `not_found`, `refused` without a manifest, `damaged_backup`, `incomplete_backup`
/// (only: a file is missing), `io`.
Result<core::Manifest> check_backup(platform::Folder const& local_path, std::string const& name, core::Level level);

/// Notes a proof that held. `files` are the roots, for content and reread. True if a mark of damage was taken away.
Result<bool> record_proof(platform::Folder const& local_path, std::string const& name, core::Level level, UtcTime at,
                          std::vector<verify::ProvenFile> const& files, std::mutex& one_change);

/// Marks the backup as damaged. From then on every listing says so.
Result<void> record_damage(platform::Folder const& local_path, std::string const& name, core::Damage const& damage,
                           std::mutex& one_change);

}  // namespace sb::catalog
