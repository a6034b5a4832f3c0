#include "daemon/platform/mount_posix.hpp"

#include <sys/stat.h>

namespace sb::platform {

std::optional<MountId> mount_of(int handle) {
    // FreeBSD's nullfs, which shows one folder in another place, has a device of its own.
    struct stat about {};
    if (::fstat(handle, &about) != 0) return std::nullopt;
    return MountId{static_cast<std::uint64_t>(about.st_dev), 0};
}

}  // namespace sb::platform
