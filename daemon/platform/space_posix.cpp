#include "daemon/platform/space.hpp"

#include "daemon/platform/os_error.hpp"

#include <sys/statvfs.h>

#include <cerrno>

namespace sb::platform {

Result<ports::Space> space_of(std::filesystem::path const& path) {
    struct statvfs about {};
    int rc = 0;
    do rc = ::statvfs(path.c_str(), &about);
    while (rc != 0 && errno == EINTR);
    if (rc != 0) return os_error(errno, "asking for the free space of", path.string());
    auto const unit = static_cast<std::uint64_t>(about.f_frsize != 0 ? about.f_frsize : about.f_bsize);
    return ports::Space{.free_bytes = static_cast<std::uint64_t>(about.f_bavail) * unit,
                        .total_bytes = static_cast<std::uint64_t>(about.f_blocks) * unit};
}

}  // namespace sb::platform
