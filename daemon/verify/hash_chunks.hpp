#pragma once
// SHA-256 of a file's chunks. Holes cost nothing; a file system that keeps none gives the same digests.

#include "daemon/platform/random_access.hpp"
#include "daemon/verify/digest_format.hpp"

#include <cstdint>
#include <vector>

namespace sb::verify {

struct Hashed {
    std::vector<Digest> digests;   ///< of the chunks from `first` on
    std::uint64_t read_bytes = 0;  ///< what had to be read for them
};

/// From chunk `first` on, until about `most_bytes` were read or the file ends; at least one chunk. `threads` cores
/// work.
Result<Hashed> hash_chunks(platform::RandomAccess const& file, std::uint64_t first, std::uint64_t most_bytes,
                           unsigned threads);

}  // namespace sb::verify
