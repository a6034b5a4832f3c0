#pragma once
// What the cluster accepts as a disk image, checked before a byte is sent. Pure.

#include "common/error.hpp"

#include <string>
#include <vector>

namespace sb::core {

/// Checks the name under which the cluster will store an image: the cluster takes the format from the extension (qcow2,
/// vmdk, vhd, vhdx, img). `refused` for other types, with advice for ISO images; `invalid_name` if it is not a file
/// name.
Result<void> check_disk_image_name(std::string const& name);

/// The names of an upload at the cluster: when complete, while it is uploaded, and while it is converted.
std::vector<std::string> names_of_upload(std::string const& name);

}  // namespace sb::core
