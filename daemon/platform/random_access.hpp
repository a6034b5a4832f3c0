#pragma once
// A file as bytes that can be read at any offset. The checks of daemon/verify see only this, so that tests can pass any
// bytes and any size without a disk.

#include "common/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sb::platform {

/// Bytes from `begin` up to, not including, `end`.
struct DataRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

class RandomAccess {
public:
    virtual ~RandomAccess() = default;

    /// Length when it was opened, bytes.
    virtual std::uint64_t size() const = 0;
    /// Fills `into` from `offset` on. Error `io` if the file cannot give all these bytes.
    virtual Result<void> read(std::uint64_t offset, std::span<std::byte> into) const = 0;

    /// The first range at or after `offset` that may contain anything but zeros; empty at the end of the file. Bytes
    /// before it are a hole and read as zeros. Where holes are not reported, all of the rest.
    virtual Result<DataRange> next_data(std::uint64_t offset) const { return DataRange{offset, size()}; }
    /// The system need not keep these bytes cached: reading terabytes must not evict what others use.
    virtual void drop_from_cache(std::uint64_t /*offset*/, std::uint64_t /*length*/) const {}
};

}  // namespace sb::platform
