#pragma once
// Samples of files whose content was verified: whole chunks, compared with the digests of that time. What they show is
// more than that a file can be read: these chunks are unchanged. Needs a few KiB a file, however large the files are.

#include "common/error.hpp"
#include "daemon/platform/random_access.hpp"
#include "daemon/verify/digest_format.hpp"
#include "daemon/verify/samples.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace sb::verify {

/// Of one file.
struct SampledChunks {
    Digest root{};                            ///< of its content, as the manifest says
    std::map<std::uint64_t, Digest> digests;  ///< by the chunk's number, as read now
};

/// Reads the first chunk, the last, and some that chance selects, in data and in holes; a small file is read whole.
/// Errors as RandomAccess::read().
Result<std::map<std::uint64_t, Digest>> read_sampled_chunks(platform::RandomAccess const& file,
                                                            RandomBelow const& random);

/// `damaged_backup` if one of the chunks is not the one that was verified; the message names file and place. `digests`:
/// scale-backup.digests. Where it is not usable, or lists another content than the manifest, nothing is compared: the
/// samples could be read, and a verification reports the rest.
Result<void> compare_sampled_chunks(platform::RandomAccess const& digests,
                                    std::map<std::string, SampledChunks> const& files);

}  // namespace sb::verify
