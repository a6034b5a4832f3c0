#pragma once
// Compressed clusters of qcow2: raw deflate streams with a window of 4 KiB, each cluster for itself. Behind it zlib.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace sb::sim {

class Deflate {
public:
    Deflate();
    ~Deflate();
    /// The length of the packed stream; nothing when it does not fit into `into`.
    std::optional<std::size_t> pack(std::span<std::byte const> plain, std::span<std::byte> into);

private:
    struct Stream;
    std::unique_ptr<Stream> stream_;  ///< made at the first use: 256 KiB that plain images do not need
};

/// Fills `into` from the packed stream; false when it is damaged or too short. Bytes behind its end are ignored.
bool unpack(std::span<std::byte const> packed, std::span<std::byte> into);

}  // namespace sb::sim
