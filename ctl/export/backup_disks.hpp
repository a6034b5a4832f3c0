#pragma once
// Which image of a backup's folder a person means by a uuid, a file name or a number. Pure.

#include "common/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sb::ctl {

inline constexpr char const* manifest_name = "scale-backup.json";
/// A manifest has some KiB. Anyone who can write into the share can put anything there.
inline constexpr std::size_t max_manifest_bytes = std::size_t{1} << 20;

/// Whether an export into the folder with this name is not finished, whatever is in it.
bool is_landing_folder(std::string_view name);

/// The names of the disk images that a manifest lists, in its order. `damaged_backup` if it is not a manifest.
Result<std::vector<std::string>> images_of_manifest(std::string_view text);

/// The file of the image: the n-th one of `images` for a number from 1 on, else the file of this name, to which
/// ".qcow2" is appended if it lacks that. It need not be among `images`. `not_found`, with all disks, for a number
/// beyond them.
Result<std::string> image_of_disk(std::vector<std::string> const& images, std::string const& disk);

/// "The disks of this backup: 1 = a.qcow2, 2 = b.qcow2".
std::string disks_text(std::vector<std::string> const& images);

}  // namespace sb::ctl
