#pragma once
// Reads a qcow2 image (version 2 or 3, any cluster size, plain, zero and zlib-compressed clusters) into a sparse raw
// file. Refuses backing files, encryption, external data, subclusters, zstd, and tables that point outside the file.

#include "simulator/transfer/folder.hpp"
#include "simulator/transfer/pace.hpp"
#include "simulator/transfer/raw_file.hpp"

#include <cstdint>
#include <string>

namespace sb::sim {

/// Creates `raw_path`. `name` is the image's, for error messages. Reports file.size() bytes to the pace in total.
/// Returns the virtual size.
Outcome<std::uint64_t> read_qcow2(FolderFile& image, std::string const& name, std::string const& raw_path, Pace& pace);

}  // namespace sb::sim
