#pragma once
// The one question about files that the standard library cannot answer.

#include <cstdint>
#include <filesystem>

namespace sb::sim {

/// Bytes that the file occupies, holes not counted; 0 for no file.
std::int64_t allocated_bytes(std::filesystem::path const& path);

}  // namespace sb::sim
