#include "ctl/export/file_calls_posix.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>

namespace sb::ctl {

Error failure(int code, std::string const& doing, std::string const& subject) {
    auto kind = Errc::io;
    if (code == ENOSPC || code == EDQUOT) kind = Errc::no_space;
    if (code == ENOENT || code == ENOTDIR) kind = Errc::not_found;
    if (code == EACCES || code == EPERM || code == EROFS) kind = Errc::not_permitted;
    return {kind, doing + " '" + subject + "': " + std::generic_category().message(code)};
}

bool is_link_refused(int code) { return code == ELOOP || code == EMLINK; }

int open_at(int folder, char const* name, int flags, mode_t mode) {
    int fd = -1;
    do fd = ::openat(folder, name, flags | O_CLOEXEC | O_NOCTTY, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

Result<struct stat> inspected(int fd, std::string const& path) {
    struct stat about {};
    if (::fstat(fd, &about) != 0) return failure(errno, "inspecting", path);
    return about;
}

bool is_same_file(struct stat const& one, struct stat const& other) {
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

Result<off_t> position(std::uint64_t offset, std::string const& path) {
    if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()))
        return Error{Errc::io, "'" + path + "': the offset is too large"};
    return static_cast<off_t>(offset);
}

Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<std::byte> into, std::string const& path) {
    std::size_t done = 0;
    while (done < into.size()) {
        auto const at = position(offset + done, path);
        if (!at) return at.error();
        auto const count = ::pread(fd, into.data() + done, into.size() - done, *at);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure(errno, "reading", path);
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

}  // namespace sb::ctl
