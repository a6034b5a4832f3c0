#pragma once
// CRC-32C (Castagnoli), the checksum of VHDX headers. Finds accidents, not attackers.

#include <cstddef>
#include <cstdint>
#include <span>

namespace sb::vhdx {

std::uint32_t crc32c(std::span<std::byte const> bytes);

}  // namespace sb::vhdx
