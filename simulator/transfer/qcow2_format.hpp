#pragma once
// The parts of the qcow2 format (versions 2 and 3) that exports use. Numbers in the file are big-endian.
// Source: the format's description in QEMU's documentation (docs/interop/qcow2.txt).

#include <cstddef>
#include <cstdint>
#include <span>

namespace sb::sim::qcow2 {

constexpr std::uint32_t magic = 0x514649fb;  // "QFI\xfb"
constexpr std::size_t v2_header_length = 72;
constexpr std::size_t v3_header_length = 104;
constexpr unsigned export_cluster_bits = 21;  // 2 MiB, as real clusters export

// Byte offsets of header fields.
namespace field {
constexpr std::size_t magic = 0, version = 4, backing_file_offset = 8, cluster_bits = 20, size = 24, crypt_method = 32,
                      l1_size = 36, l1_table_offset = 40, refcount_table_offset = 48, refcount_table_clusters = 56,
                      incompatible_features = 72, refcount_order = 96, header_length = 100;
}  // namespace field

// Incompatible feature bits.
constexpr std::uint64_t feature_dirty = 1U << 0U;

// Bits of L1 and L2 entries.
constexpr std::uint64_t copied_flag = std::uint64_t{1} << 63U;  // the refcount is exactly one
constexpr std::uint64_t compressed_flag = std::uint64_t{1} << 62U;
constexpr std::uint64_t zero_flag = 1;  // version 3: reads as zeros, whatever the offset
constexpr std::uint64_t offset_mask = 0x00fffffffffffe00U;

/// A compressed entry has the offset in its low bits and the number of further sectors above them.
constexpr unsigned compressed_offset_bits(unsigned cluster_bits) { return 62 - (cluster_bits - 8); }

template <class Number>
Number load(std::span<std::byte const> bytes, std::size_t at) {
    Number value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        value = static_cast<Number>((value << 8U) | std::to_integer<Number>(bytes[at + i]));
    return value;
}

template <class Number>
void store(std::span<std::byte> bytes, std::size_t at, Number value) {
    for (std::size_t i = sizeof(Number); i-- > 0; value = static_cast<Number>(value >> 8U))
        bytes[at + i] = static_cast<std::byte>(value & 0xffU);
}

}  // namespace sb::sim::qcow2
