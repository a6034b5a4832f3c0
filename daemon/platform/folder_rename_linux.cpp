#include "daemon/platform/folder_posix.hpp"

#include <stdio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sb::platform {

int rename_exclusively_at(int folder, char const* name, char const* new_name) {
    if (::renameat2(folder, name, folder, new_name, RENAME_NOREPLACE) == 0) return 0;
    // What file systems answer that do not offer it, such as NFS.
    static constexpr std::array unsupported{EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP};
    int const failure = errno;
    if (std::ranges::find(unsupported, failure) == unsupported.end()) return failure;
    return rename_after_check(folder, name, new_name);
}

}  // namespace sb::platform
