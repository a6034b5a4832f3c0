#pragma once
// The content of an uploaded image, as a raw file.

#include "common/error.hpp"

#include <filesystem>
#include <string>

namespace sb::sim {

/// Writes `raw` (sparse) from a qcow2 or raw image. Other formats are not supported: Errc::invalid_params.
/// Blocking.
Result<void> unpack_image(std::filesystem::path const& image, std::string const& format,
                          std::filesystem::path const& raw);

}  // namespace sb::sim
