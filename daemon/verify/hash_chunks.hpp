#pragma once
// SHA-256 of a file's chunks. Holes cost nothing; a file system without holes gives the same digests.

#include "daemon/platform/random_access.hpp"
#include "daemon/verify/digest_format.hpp"

#include <cstdint>
#include <vector>

namespace sb::verify {

struct Hashed {
    std::vector<Digest> digests;   ///< of the chunks, from `first` on
    std::uint64_t read_bytes = 0;  ///< bytes read to compute them
};

/// Hashes from chunk `first` on until it has read about `max_bytes` or the file ends; at least one chunk. Uses
/// `threads` cores.
Result<Hashed> hash_chunks(platform::RandomAccess const& file, std::uint64_t first, std::uint64_t max_bytes,
                           unsigned threads);

}  // namespace sb::verify
