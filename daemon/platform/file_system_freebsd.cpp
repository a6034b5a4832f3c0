#include "daemon/platform/file_system.hpp"

#include "daemon/platform/folder_posix.hpp"

#include <sys/param.h>
#include <sys/mount.h>
#include <sys/stat.h>

namespace sb::platform {

bool is_on_another_machine(std::filesystem::path const& folder) {
    struct statfs about {};
    return ::statfs(folder.c_str(), &about) == 0 && (about.f_flags & MNT_LOCAL) == 0;
}

std::optional<MountId> mount_of(int handle) {
    // FreeBSD's nullfs, which shows one folder in another place, has its own device.
    struct stat about {};
    if (::fstat(handle, &about) != 0) return std::nullopt;
    return MountId{static_cast<std::uint64_t>(about.st_dev), 0};
}

}  // namespace sb::platform
