#pragma once
// The size that an uploaded image presents to a guest, from its header.

#include <cstdint>
#include <filesystem>
#include <string>

namespace sb::sim {

/// "qcow2", "vmdk", "vhd", "vhdx", "img": the extension decides, as on the real thing; "" for what it refuses.
std::string image_format(std::string const& file_name);
/// 0 if the file is not of that format.
std::int64_t image_capacity(std::filesystem::path const& file, std::string const& format);

}  // namespace sb::sim
