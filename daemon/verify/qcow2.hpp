#pragma once
// Whether a qcow2 image is whole and free of contradictions, told from its tables alone: nothing of the guest's
// data is read. Written after the format's published description (QEMU's docs/interop/qcow2.txt); no qemu needed.
// Input may be hostile: memory and time are bounded by the file's length, whatever it claims.

#include "common/error.hpp"
#include "daemon/platform/random_access.hpp"

#include <cstdint>

namespace sb::verify {

struct Qcow2Summary {
    int version = 0;
    std::uint64_t cluster_bytes = 0;
    std::uint64_t virtual_bytes = 0;  ///< what the guest sees
    std::uint64_t data_clusters = 0;  ///< guest clusters with data, compressed ones included
    std::uint64_t compressed_clusters = 0;
    std::uint64_t leaked_clusters = 0;  ///< counted as used but used by nothing: harmless, so no error
};

/// Errors: `incomplete_backup` if the file ends before something that its tables point to, or if it needs another
/// file (backing file, external data file); `damaged_backup` if it contradicts itself; `refused` if it is
/// beyond what this check holds (more than 2^27 clusters); `io`. The words do not name the file.
///
/// Like `qemu-img check`, plus: the dirty and corrupt marks, encryption, a last data cluster that is cut off, and a
/// cluster used twice without a snapshot are errors. Not looked at: persistent bitmaps, which are no guest data.
Result<Qcow2Summary> check_qcow2(platform::RandomAccess const& image);

}  // namespace sb::verify
