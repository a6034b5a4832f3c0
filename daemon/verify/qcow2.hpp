#pragma once
// Checks from its tables alone whether a qcow2 image is complete and consistent: reads no guest data. Follows the
// published format description (QEMU's docs/interop/qcow2.txt); needs no qemu. The input may be hostile: the length of
// the file bounds memory and time, whatever the tables claim; each table is read at most three times.

#include "common/error.hpp"
#include "daemon/platform/random_access.hpp"

#include <cstdint>

namespace sb::verify {

struct Qcow2Summary {
    int version = 0;
    std::uint64_t cluster_bytes = 0;
    std::uint64_t virtual_bytes = 0;  ///< size that the guest sees
    std::uint64_t data_clusters = 0;  ///< guest clusters with data, compressed ones included
    std::uint64_t compressed_clusters = 0;
    std::uint64_t leaked_clusters = 0;  ///< counted as used, but unused: harmless, so not an error
};

/// Errors: `incomplete_backup` if the file ends before data that its tables refer to, or if it needs another file
/// (backing file, external data file); `damaged_backup` if it is inconsistent; `refused` if it exceeds the limits of
/// this check (more than 2^27 clusters); `io`. The message does not name the file.
///
/// Like `qemu-img check`; in addition, the dirty and corrupt flags, encryption, a truncated last data cluster, and a
/// cluster used twice without a snapshot are errors. Not checked: persistent bitmaps, which are not guest data.
Result<Qcow2Summary> check_qcow2(platform::RandomAccess const& image);

}  // namespace sb::verify
