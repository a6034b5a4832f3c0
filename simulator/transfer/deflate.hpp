#pragma once
// Compressed clusters of qcow2: raw deflate streams with a window of 4 KiB, one for each cluster. Uses zlib.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace sb::sim {

class Deflate {
public:
    Deflate();
    ~Deflate();
    /// The length of the compressed stream; nothing if it does not fit into `into`.
    std::optional<std::size_t> pack(std::span<std::byte const> plain, std::span<std::byte> into);

private:
    struct Stream;
    std::unique_ptr<Stream> stream_;  ///< created on first use: 256 KiB that uncompressed images do not need
};

/// Fills `into` from the compressed stream; false if it is damaged or too short. Ignores bytes after its end.
bool unpack(std::span<std::byte const> packed, std::span<std::byte> into);

}  // namespace sb::sim
