#pragma once
// A file as a row of bytes that can be read anywhere. The checks of daemon/verify see only this, so that
// tests can hand them any bytes and any size without a disk.

#include "common/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sb::platform {

class RandomAccess {
public:
    virtual ~RandomAccess() = default;

    /// Length when it was opened, bytes.
    virtual std::uint64_t size() const = 0;
    /// Fills `into` from `offset` on. Error `io` if the file cannot give all these bytes.
    virtual Result<void> read(std::uint64_t offset, std::span<std::byte> into) const = 0;
};

}  // namespace sb::platform
