#include "daemon/platform/mount_posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace sb::platform {

std::optional<MountId> mount_of(int handle) {
    // A bind mount has the device of the file system that it shows; only its number tells it apart (Linux 5.8; 0
    // before).
    struct statx about {};
    if (::statx(handle, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &about) != 0) return std::nullopt;
    std::uint64_t const device = std::uint64_t{about.stx_dev_major} << 32 | about.stx_dev_minor;
    std::uint64_t const number = (about.stx_mask & STATX_MNT_ID) != 0 ? about.stx_mnt_id : 0;
    return MountId{device, number};
}

}  // namespace sb::platform
