#pragma once
// The virtual size of an uploaded image, from its header.

#include <cstdint>
#include <filesystem>
#include <string>

namespace sb::sim {

/// "qcow2", "vmdk", "vhd", "vhdx", "img": determined by the extension, as on a real cluster; "" for unsupported ones.
std::string image_format(std::string const& file_name);
/// 0 if the file does not have that format.
std::int64_t image_capacity(std::filesystem::path const& file, std::string const& format);

}  // namespace sb::sim
