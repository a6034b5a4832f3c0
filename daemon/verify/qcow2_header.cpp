#include "daemon/verify/qcow2_header.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace sb::verify {
namespace {

// QEMU's own limits; no program opens an image beyond them.
constexpr std::uint64_t max_l1_bytes = 32u << 20;
constexpr std::uint64_t max_refcount_table_bytes = 8u << 20;
constexpr std::uint32_t max_snapshots = 65536;

// incompatible features
constexpr std::uint64_t dirty = 1, corrupt = 2, external_data = 4, compression_type = 8, extended_l2 = 16;
// autoclear feature
constexpr std::uint64_t raw_external_data = 2;

template <class T>
T big_endian(std::span<std::byte const> bytes, std::size_t at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>(static_cast<T>(value << 8) | std::to_integer<T>(bytes[at + i]));
    return value;
}

/// Walks the extensions, which end at the backing file's name or at the end of the first cluster.
Result<void> check_extensions(platform::RandomAccess const& image, std::uint64_t begin, std::uint64_t end) {
    end = std::min(end, image.size());
    while (begin + 8 <= end) {
        std::array<std::byte, 8> head{};
        if (auto done = image.read(begin, head); !done) return done;
        auto const type = be32(head, 0);
        auto const length = be32(head, 4);
        begin += 8;
        if (length > end - begin) return damaged("a header extension is longer than the header");
        if (type == 0) return {};
        begin += (std::uint64_t{length} + 7) / 8 * 8;
    }
    return {};
}

Result<void> check_table_place(std::string const& what, std::uint64_t offset, std::uint64_t bytes,
                               Qcow2Header const& h) {
    if (h.offset_in_cluster(offset) != 0) return damaged(what + " does not start at a cluster boundary");
    if (offset > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - bytes)
        return damaged(what + " has an invalid offset");
    return {};
}

Result<void> check_features(std::uint64_t features) {
    if ((features & ~(dirty | corrupt | external_data | compression_type | extended_l2)) != 0)
        return damaged("it uses features that this version does not support");
    if ((features & corrupt) != 0) return damaged("it is marked as corrupt");
    if ((features & dirty) != 0) return damaged("it was not closed properly");
    if ((features & external_data) != 0)
        return incomplete("its data is in another file, so it is not a complete backup");
    return {};
}

Result<void> check_numbers(Qcow2Header const& h) {
    if (h.virtual_bytes > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return damaged("its virtual size is invalid");
    if (h.refcount_order > 6) return damaged("its refcounts are wider than 64 bits");
    if (h.refcount_table_clusters == 0) return damaged("it has no refcount table");
    if (h.refcount_table_clusters > max_refcount_table_bytes >> h.cluster_bits)
        return damaged("its refcount table is too large");
    if (h.refcount_table_offset == 0) return damaged("its refcount table is at offset 0");
    if (auto ok = check_table_place("the refcount table", h.refcount_table_offset,
                                    std::uint64_t{h.refcount_table_clusters} << h.cluster_bits, h);
        !ok)
        return ok;

    if (h.l1_entries > max_l1_bytes / 8) return damaged("its L1 table is too large");
    if (h.l1_entries > 0 && h.l1_offset == 0) return damaged("its L1 table is at offset 0");
    if (auto ok = check_table_place("the L1 table", h.l1_offset, std::uint64_t{h.l1_entries} * 8, h); !ok) return ok;
    // One L1 entry covers cluster_bytes * l2_entries of the guest's disk: at most 2^39, so no overflow.
    auto const bytes_of_entry = h.cluster_bytes() * h.l2_entries();
    auto const needed = h.virtual_bytes / bytes_of_entry + (h.virtual_bytes % bytes_of_entry != 0 ? 1 : 0);
    if (h.l1_entries < needed) return damaged("its L1 table is too small for its virtual size");

    if (h.snapshots > max_snapshots) return damaged("it claims to have too many snapshots");
    if (h.snapshots > 0 && h.snapshots_offset == 0) return damaged("its snapshot table is at offset 0");
    if (auto ok = check_table_place("the snapshot table", h.snapshots_offset, 0, h); !ok) return ok;
    return {};
}

}  // namespace

std::uint16_t be16(std::span<std::byte const> bytes, std::size_t at) { return big_endian<std::uint16_t>(bytes, at); }
std::uint32_t be32(std::span<std::byte const> bytes, std::size_t at) { return big_endian<std::uint32_t>(bytes, at); }
std::uint64_t be64(std::span<std::byte const> bytes, std::size_t at) { return big_endian<std::uint64_t>(bytes, at); }

Result<Qcow2Header> read_qcow2_header(platform::RandomAccess const& image) {
    std::array<std::byte, 112> raw{};
    if (image.size() < 72) return incomplete("it is too short for a qcow2 image");
    auto const available = static_cast<std::size_t>(std::min<std::uint64_t>(raw.size(), image.size()));
    if (auto done = image.read(0, std::span(raw).first(available)); !done) return done.error();

    Qcow2Header h;
    if (be32(raw, 0) != 0x514649fb) return damaged("it is not a qcow2 image");
    h.version = be32(raw, 4);
    if (h.version != 2 && h.version != 3)
        return damaged("its qcow2 version is " + std::to_string(h.version) + ", not 2 or 3");
    auto const backing_offset = be64(raw, 8);
    auto const backing_length = be32(raw, 16);
    h.cluster_bits = be32(raw, 20);
    if (h.cluster_bits < 9 || h.cluster_bits > 21) return damaged("its cluster size is out of range");
    h.virtual_bytes = be64(raw, 24);
    auto const encryption = be32(raw, 32);
    h.l1_entries = be32(raw, 36);
    h.l1_offset = be64(raw, 40);
    h.refcount_table_offset = be64(raw, 48);
    h.refcount_table_clusters = be32(raw, 56);
    h.snapshots = be32(raw, 60);
    h.snapshots_offset = be64(raw, 64);

    std::uint64_t header_bytes = 72;
    if (h.version == 3) {
        if (available < 104) return incomplete("it is too short for a qcow2 image");
        auto const features = be64(raw, 72);
        if (auto ok = check_features(features); !ok) return ok.error();
        if ((be64(raw, 88) & raw_external_data) != 0)
            return damaged("it claims that its data is in another file, but names none");
        h.extended_l2 = (features & extended_l2) != 0;
        h.refcount_order = be32(raw, 96);
        header_bytes = be32(raw, 100);
        if (header_bytes < 104 || header_bytes > h.cluster_bytes()) return damaged("its header's length is invalid");
        if (h.extended_l2 && h.cluster_bits < 14) return damaged("its clusters are too small for subclusters");
        auto const compression = header_bytes > 104 && available > 104 ? std::to_integer<int>(raw[104]) : 0;
        if (compression > 1) return damaged("its compression type is unknown to this version");
        if ((compression != 0) != ((features & compression_type) != 0))
            return damaged("its header contradicts itself about the compression type");
        h.zstd = compression != 0;
    }
    if (encryption != 0) return damaged("it is encrypted, which exports never are");
    if (backing_offset != 0 && backing_length != 0)
        return incomplete("it only contains changes to another image, so it is not a complete backup");
    if (backing_offset > h.cluster_bytes()) return damaged("the name of its backing file is outside the header");
    if (auto ok = check_numbers(h); !ok) return ok.error();
    auto const extensions_end = backing_offset != 0 ? backing_offset : h.cluster_bytes();
    if (auto ok = check_extensions(image, header_bytes, extensions_end); !ok) return ok.error();
    return h;
}

}  // namespace sb::verify
