#pragma once
// Inspects the folder of an export before it counts as a backup. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/verify/definition.hpp"
#include "daemon/verify/needed_images.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::verify {

/// The files of the backup (backup_files.hpp), sorted by name, or why the folder is not that VM's backup:
/// `incomplete_backup` if something is missing or truncated, `damaged_backup` if something is inconsistent or
/// contradicts the cluster, `io`. The message names the file. The files of other devices than disks (NVRAM, vTPM) are
/// listed, but not checked. Anything else in the folder is ignored.
Result<std::vector<core::BackupFile>> inspect_folder(platform::Folder const& folder,
                                                     ports::Expectation const& expected);

/// The prefix of the digests in BackupFile::structure. Raise it whenever check_qcow2() reads other ranges, or in
/// another order: digests of different versions are not compared. Version 1: 2026-11;
/// version 2 reads an L2 table that snapshots share once.
inline constexpr std::string_view structure_version = "2:";

/// Whether the two digests show that the structure has changed.
bool structure_differs(std::string_view then, std::string_view now);

/// Reads and parses one definition; the error message names the file.
Result<Definition> read_definition(platform::Folder const& folder, std::string const& file);

/// A quick check of a disk image: a valid header, and tables inside the file. Reads a few hundred bytes and shows
/// nothing about the rest. The error message names the image.
Result<void> check_header(platform::Folder const& folder, std::string const& image);

}  // namespace sb::verify
