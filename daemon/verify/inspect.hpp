#pragma once
// Looks at what an export left in its folder, before anybody believes it. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/verify/definition.hpp"

#include <string>
#include <vector>

namespace sb::verify {

/// The files of the folder, by name, or what keeps it from being that VM's backup: `incomplete_backup` if
/// something is missing or cut off, `damaged_backup` if something contradicts itself or the cluster, `io`.
/// The words name the file. Files beyond the definition and the disks (NVRAM, vTPM) are listed and not judged.
Result<std::vector<core::BackupFile>> inspect_folder(platform::Folder const& folder,
                                                     ports::Expectation const& expected);

/// Reads and parses one definition; the words name the file.
Result<Definition> read_definition(platform::Folder const& folder, std::string const& file);

/// A quick look at a disk's image: a header that is sound, and tables that it puts inside the file. Reads a few hundred
/// bytes and proves nothing about the rest. The words name the image.
Result<void> look_at_header(platform::Folder const& folder, std::string const& image);

/// The name of a disk's image.
inline std::string image_name(std::string const& base) { return base + ".qcow2"; }

}  // namespace sb::verify
