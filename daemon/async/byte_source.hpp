#pragma once
// A known number of bytes, read piece by piece, so that a file of any size needs little memory.

#include "common/error.hpp"
#include "daemon/async/task.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sb {

class ByteSource {
public:
    virtual ~ByteSource() = default;

    /// How many bytes there are in all. Constant.
    virtual std::uint64_t size() const = 0;
    /// The next bytes, at least one and never more than are left; an error if they cannot be read. `into` must live
    /// until then.
    virtual task<Result<std::size_t>> read_some(std::span<char> into) = 0;
};

}  // namespace sb
