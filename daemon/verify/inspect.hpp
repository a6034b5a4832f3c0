#pragma once
// Looks at what an export left in its folder, before anybody believes it. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/verify/definition.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::verify {

/// The files of the folder, by name, or what keeps it from being that VM's backup: `incomplete_backup` if
/// something is missing or cut off, `damaged_backup` if something contradicts itself or the cluster, `io`.
/// The words name the file. Files beyond the definition and the disks (NVRAM, vTPM) are listed and not judged.
Result<std::vector<core::BackupFile>> inspect_folder(platform::Folder const& folder,
                                                     ports::Expectation const& expected);

/// Stands before the digests in BackupFile::structure. To be raised whenever check_qcow2() reads other places, or in
/// another order: digests of different versions are not compared. Version 1: 2026-11.
inline constexpr std::string_view structure_version = "1:";

/// Whether what was read then and what was read now are known to differ.
bool structure_differs(std::string_view then, std::string_view now);

/// Reads and parses one definition; the words name the file.
Result<Definition> read_definition(platform::Folder const& folder, std::string const& file);

/// A quick look at a disk's image: a header that is sound, and tables that it puts inside the file. Reads a few hundred
/// bytes and proves nothing about the rest. The words name the image.
Result<void> look_at_header(platform::Folder const& folder, std::string const& image);

/// The name of a disk's image.
inline std::string image_name(std::string const& base) { return base + ".qcow2"; }

}  // namespace sb::verify
