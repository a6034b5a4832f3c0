#pragma once
// The only property of files that the standard library does not provide.

#include <cstdint>
#include <filesystem>

namespace sb::sim {

/// Bytes that the file occupies, without holes; 0 if there is no file.
std::int64_t allocated_bytes(std::filesystem::path const& path);

}  // namespace sb::sim
