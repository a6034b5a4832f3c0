#pragma once
// What an uploaded image holds, as a raw file.

#include "common/error.hpp"

#include <filesystem>
#include <string>

namespace sb::sim {

/// Writes `raw` (sparse) from a qcow2 or raw image. Other formats: Errc::invalid_params, their content is not read.
/// Blocks until done.
Result<void> unpack_image(std::filesystem::path const& image, std::string const& format,
                          std::filesystem::path const& raw);

}  // namespace sb::sim
