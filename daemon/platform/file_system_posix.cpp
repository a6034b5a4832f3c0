#include "daemon/platform/file_system.hpp"

#include "daemon/platform/os_error.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace sb::platform {

Result<ports::Space> space_of(std::filesystem::path const& path) {
    struct statvfs about {};
    int rc = 0;
    do rc = ::statvfs(path.c_str(), &about);
    while (rc != 0 && errno == EINTR);
    if (rc != 0) return os_error(errno, "reading the free space of", path.string());
    auto const unit = static_cast<std::uint64_t>(about.f_frsize != 0 ? about.f_frsize : about.f_bsize);
    ports::Space space;
    space.free_bytes = static_cast<std::uint64_t>(about.f_bavail) * unit;
    space.total_bytes = static_cast<std::uint64_t>(about.f_blocks) * unit;
    // Btrfs and SMB count none.
    if (about.f_files != 0) space.free_files = static_cast<std::uint64_t>(about.f_favail);
    return space;
}

Result<void> probe_writable(std::filesystem::path const& folder) {
    std::string probe = (folder / ".scale-backup-probe-XXXXXX").string();
    if (::mkdtemp(probe.data()) == nullptr) return os_error(errno, "writing in", folder.string());
    if (::rmdir(probe.c_str()) != 0) return os_error(errno, "removing a folder in", folder.string());
    return {};
}

bool may_execute(std::filesystem::path const& file) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

}  // namespace sb::platform
