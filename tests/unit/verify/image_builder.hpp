#pragma once
// A small qcow2 image built by hand in memory, byte for byte, so that a test can corrupt exactly one thing.

#include "daemon/platform/random_access.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

namespace sb::test {

class BytesInMemory : public platform::RandomAccess {
public:
    explicit BytesInMemory(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
    std::uint64_t size() const override { return bytes_.size(); }
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        if (offset > bytes_.size() || into.size() > bytes_.size() - offset) return Error{Errc::io, "outside"};
        std::memcpy(into.data(), bytes_.data() + offset, into.size());
        return {};
    }

private:
    std::vector<std::byte> bytes_;
};

/// Claims to have any size; bytes that were not set are zero. For images of absurd sizes.
class SparseBytes : public platform::RandomAccess {
public:
    explicit SparseBytes(std::uint64_t size) : size_(size) {}
    void put(std::uint64_t offset, std::vector<std::byte> const& bytes) {
        for (auto const byte : bytes) bytes_[offset++] = byte;
    }
    std::uint64_t size() const override { return size_; }
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        if (offset > size_ || into.size() > size_ - offset) return Error{Errc::io, "outside"};
        std::memset(into.data(), 0, into.size());
        for (auto at = bytes_.lower_bound(offset); at != bytes_.end() && at->first - offset < into.size(); ++at)
            into[static_cast<std::size_t>(at->first - offset)] = at->second;
        return {};
    }

private:
    std::uint64_t size_;
    std::map<std::uint64_t, std::byte> bytes_;
};

/// Version 3, 64 KiB clusters: header, refcount table, refcount block, L1, one L2, then two data clusters.
struct SmallImage {
    static constexpr std::uint64_t cluster = 65536;
    static constexpr std::uint64_t refcount_table = cluster, refcount_block = 2 * cluster, l1 = 3 * cluster,
                                   l2 = 4 * cluster, data = 5 * cluster;
    static constexpr std::uint64_t copied = std::uint64_t{1} << 63;
    std::vector<std::byte> bytes = std::vector<std::byte>(7 * cluster);

    explicit SmallImage(std::uint64_t virtual_bytes = 1 << 20) {
        put(0, 0x514649fb, 4);
        put(4, 3, 4);
        put(20, 16, 4);
        put(24, virtual_bytes, 8);
        put(36, 1, 4);
        put(40, l1, 8);
        put(48, refcount_table, 8);
        put(56, 1, 4);
        put(96, 4, 4);
        put(100, 104, 4);
        put(refcount_table, refcount_block, 8);
        for (std::uint64_t i = 0; i < 7; ++i) put(refcount_block + 2 * i, 1, 2);
        put(l1, l2 | copied, 8);
        put(l2, data | copied, 8);
        put(l2 + 8, (data + cluster) | copied, 8);
    }
    void put(std::uint64_t offset, std::uint64_t value, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i)
            bytes[static_cast<std::size_t>(offset) + i] = static_cast<std::byte>(value >> (8 * (width - 1 - i)));
    }
};

}  // namespace sb::test
