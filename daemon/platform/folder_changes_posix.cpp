// The changing half of Folder.
#include "daemon/platform/folder.hpp"
#include "daemon/platform/folder_posix.hpp"
#include "daemon/platform/os_error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <cerrno>

namespace sb::platform {
namespace {

/// A backup is flat. A deeper tree was not created by an export, and every level costs a descriptor.
constexpr int max_depth = 64;

int sync_handle(int fd) {
    int rc = 0;
    do rc = ::fsync(fd);
    while (rc != 0 && errno == EINTR);
    return rc;
}

/// 0 or an errno.
int write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        auto const written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        if (written == 0) return EIO;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

}  // namespace

Result<void> Folder::write_durably(std::string const& name, std::string_view bytes) const {
    return write_with_mode(name, bytes, 0644);
}

Result<void> Folder::write_privately(std::string const& name, std::string_view bytes) const {
    return write_with_mode(name, bytes, 0600);
}

Result<void> Folder::write_with_mode(std::string const& name, std::string_view bytes, unsigned mode) const {
    if (!is_plain_name(name)) return bad_name(name, path_);
    auto const temporary = temporary_name(name);
    // A crash may have left one. O_EXCL then makes sure that no link is followed.
    if (::unlinkat(handle_.get(), temporary.c_str(), 0) != 0 && errno != ENOENT) {
        int const failure = errno;
        // A read-only file system refuses even to remove what does not exist.
        struct stat leftover {};
        bool const is_there = ::fstatat(handle_.get(), temporary.c_str(), &leftover, AT_SYMLINK_NOFOLLOW) == 0;
        if (!is_there) return os_error(failure, "writing", path_of(name));
        return os_error(failure, "removing the leftover", path_of(temporary));
    }
    int const fd =
        ::openat(handle_.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0) return os_error(errno, "creating", path_of(temporary));
    FileDescriptor file(fd);

    int failure = write_all(file.get(), bytes);
    if (failure == 0 && sync_handle(file.get()) != 0) failure = errno;
    // close() is checked: network file systems report a full disk there.
    if (::close(file.release()) != 0 && failure == 0 && errno != EINTR) failure = errno;
    if (failure == 0 && ::renameat(handle_.get(), temporary.c_str(), handle_.get(), name.c_str()) != 0) failure = errno;
    if (failure != 0) {
        ::unlinkat(handle_.get(), temporary.c_str(), 0);
        return os_error(failure, "writing", path_of(name));
    }
    return sync();
}

Result<void> Folder::sync_file(std::string const& name) const {
    auto const fd = open_regular(name);
    if (!fd) return fd.error();
    if (sync_handle(fd->get()) != 0) return os_error(errno, "flushing to disk", path_of(name));
    return {};
}

Result<void> Folder::sync() const {
    if (sync_handle(handle_.get()) == 0 || is_unsupported(errno)) return {};
    return os_error(errno, "flushing to disk", path_);
}

Result<Folder> Folder::make_subfolder(std::string const& name) const {
    if (!is_plain_name(name)) return bad_name(name, path_);
    if (::mkdirat(handle_.get(), name.c_str(), 0700) != 0 && errno != EEXIST)
        return os_error(errno, "creating the folder", path_of(name));
    return subfolder(name);
}

Result<void> Folder::move_to(std::string const& name, Folder const& target, std::string const& new_name) const {
    if (!is_plain_name(name)) return bad_name(name, path_);
    if (!is_plain_name(new_name)) return bad_name(new_name, target.path_);
    if (auto const there = target.info(new_name); !there) return there.error();
    else if (*there) return os_error(EEXIST, "moving '" + path_of(name) + "' to", target.path_of(new_name));
    if (::renameat(handle_.get(), name.c_str(), target.handle_.get(), new_name.c_str()) != 0)
        return os_error(errno, "moving '" + path_of(name) + "' to", target.path_of(new_name));
    if (auto done = target.sync(); !done) return done;
    return sync();
}

Result<void> Folder::remove_tree(std::string const& name) const { return remove_below(name, 0); }

Result<void> Folder::remove_below(std::string const& name, int depth) const {
    auto const about = info(name);
    if (!about) return about.error();
    if (!*about) return {};
    if ((*about)->kind != EntryKind::folder) {
        if (::unlinkat(handle_.get(), name.c_str(), 0) != 0 && errno != ENOENT)
            return os_error(errno, "removing", path_of(name));
        return {};
    }
    if (depth > max_depth)
        return Error{Errc::refused, "'" + path_of(name) + "' is nested too deeply to be part of a backup: not removed"};
    auto const inside = subfolder(name);
    if (!inside) {
        // An empty one can be removed without being read.
        if (::unlinkat(handle_.get(), name.c_str(), AT_REMOVEDIR) == 0) return {};
        return inside.error();
    }
    auto const same_mount = is_on_same_mount(*inside);
    if (!same_mount) return same_mount.error();
    if (!*same_mount) return Error{Errc::refused, "a file system is mounted at '" + path_of(name) + "': not deleted"};
    auto const entries = inside->entries();
    if (!entries) return entries.error();
    // What cannot be removed does not keep the rest.
    std::optional<Error> problem;
    for (auto const& entry : *entries)
        if (auto const done = inside->remove_below(entry.name, depth + 1); !done && !problem) problem = done.error();
    if (problem) return *problem;
    if (::unlinkat(handle_.get(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
        return os_error(errno, "removing", path_of(name));
    return {};
}

}  // namespace sb::platform
