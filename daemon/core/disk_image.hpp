#pragma once
// What the cluster takes as a disk image, told before a byte is sent. Pure.

#include "common/error.hpp"

#include <string>
#include <vector>

namespace sb::core {

/// The name that the cluster is to know an image by: its extension tells the cluster the format (qcow2, vmdk, vhd,
/// vhdx, img). `refused` for other types, with the way that ISO images have; `invalid_name` for what is no file name.
Result<void> check_disk_image_name(std::string const& name);

/// Names under which the cluster keeps the same upload: while it arrives, while it is converted, and at the end.
std::vector<std::string> names_of_medium(std::string const& name);

}  // namespace sb::core
