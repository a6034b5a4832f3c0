#pragma once
// The first cluster of a qcow2 image: its header and header extensions, checked on their own.

#include "common/error.hpp"
#include "daemon/platform/random_access.hpp"
#include "daemon/verify/defect.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace sb::verify {

/// Numbers in a qcow2 image are big-endian. `at` must be inside the span.
std::uint16_t be16(std::span<std::byte const> bytes, std::size_t at);
std::uint32_t be32(std::span<std::byte const> bytes, std::size_t at);
std::uint64_t be64(std::span<std::byte const> bytes, std::size_t at);

struct Qcow2Header {
    std::uint32_t version = 0;
    std::uint32_t cluster_bits = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint32_t l1_entries = 0;
    std::uint64_t l1_offset = 0;
    std::uint64_t refcount_table_offset = 0;
    std::uint32_t refcount_table_clusters = 0;
    std::uint32_t snapshots = 0;
    std::uint64_t snapshots_offset = 0;
    std::uint32_t refcount_order = 4;  ///< a refcount has 2^order bits
    bool extended_l2 = false;          ///< 16 bytes an L2 entry, with a bit for each of 32 subclusters
    bool zstd = false;                 ///< what is compressed is so by zstd, else by deflate

    std::uint64_t cluster_bytes() const { return std::uint64_t{1} << cluster_bits; }
    std::uint64_t offset_in_cluster(std::uint64_t offset) const { return offset & (cluster_bytes() - 1); }
    std::uint64_t l2_entry_bytes() const { return extended_l2 ? 16 : 8; }
    std::uint64_t l2_entries() const { return cluster_bytes() / l2_entry_bytes(); }
};

/// Reads and checks the header. The tables it refers to are cluster-aligned, and no size in it overflows.
Result<Qcow2Header> read_qcow2_header(platform::RandomAccess const& image);

}  // namespace sb::verify
