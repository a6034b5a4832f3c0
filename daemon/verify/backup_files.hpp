#pragma once
// Which files of a folder are part of its backup: the definition, the images that it needs, and what a cluster is known
// to write besides. Users, NAS systems, virus scanners and hooks put other files there, and change and remove them
// later; they never count. Only the inspection that lists a backup's files and the reader of manifests decide by these
// rules: everything else takes the files that the manifest lists.

#include "daemon/core/manifest.hpp"

#include <cstddef>
#include <string_view>

namespace sb::verify {

/// The roles of BackupFile::role.
inline constexpr char const* definition_role = "definition";
inline constexpr char const* disk_role = "disk";
inline constexpr char const* device_role = "device";  ///< of another device: NVRAM, vTPM
/// Everything else in the folder, in manifests of earlier versions.
inline constexpr char const* other_role = "other";

/// Of one backup. No VM has nearly as many; anyone who can write into the share can put any number beside them.
inline constexpr std::size_t max_backup_files = 500;

/// Whether the state of NVRAM or vTPM, or an image named after a device's uuid, may have this name: by its extension.
/// Whether it is one depends on the VM's devices (device_files.hpp).
bool is_device_file(std::string_view name);

/// Whether a file that a manifest lists is part of the backup.
bool is_part_of_backup(core::BackupFile const& file);

}  // namespace sb::verify
