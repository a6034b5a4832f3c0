#pragma once
// The entries of a qcow2 image's L1 and L2 tables: 64 bits, an offset in the file with flags around it.

#include <cstdint>

namespace sb::verify::qcow2_entry {

inline constexpr std::uint64_t copied = std::uint64_t{1} << 63;  ///< the refcount is exactly one
inline constexpr std::uint64_t compressed = std::uint64_t{1} << 62;
inline constexpr std::uint64_t reads_as_zero = 1;
inline constexpr std::uint64_t offset_bits = 0x00fffffffffffe00;

struct CompressedRange {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;  ///< up to the end of a sector of 512 bytes, of which the end of the file may cut the last
};

/// Where the data of a compressed cluster is.
inline CompressedRange compressed_range(std::uint64_t entry, std::uint32_t cluster_bits) {
    // Low bits: offset of the first byte. High bits: number of further 512-byte sectors.
    auto const split = 62 - (cluster_bits - 8);
    auto const offset = entry & ((std::uint64_t{1} << split) - 1);
    auto const more_sectors = (entry >> split) & ((std::uint64_t{1} << (cluster_bits - 8)) - 1);
    return {offset, (more_sectors + 1) * 512 - (offset & 511)};
}

}  // namespace sb::verify::qcow2_entry
