// Files of a folder that grow piece by piece.
#include "daemon/platform/folder.hpp"
#include "daemon/platform/folder_posix.hpp"
#include "daemon/platform/os_error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sb::platform {
namespace {

class PosixAppender : public Appender {
public:
    PosixAppender(FileDescriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

    Result<void> write(std::string_view bytes) override {
        while (!bytes.empty()) {
            auto const written = ::write(fd_.get(), bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return os_error(written < 0 ? errno : EIO, "writing", path_);
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }

    Result<void> sync() override {
        int rc = 0;
        do rc = ::fsync(fd_.get());
        while (rc != 0 && errno == EINTR);
        if (rc != 0) return os_error(errno, "flushing to disk", path_);
        return {};
    }

private:
    FileDescriptor fd_;
    std::string path_;
};

// O_NONBLOCK: opening a FIFO must not wait for its reader.
FileDescriptor open_at_end(int folder, std::string const& name, int more_flags) {
    constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = -1;
    do fd = ::openat(folder, name.c_str(), flags | more_flags, 0644);
    while (fd < 0 && errno == EINTR);
    return FileDescriptor(fd);
}

}  // namespace

Result<std::unique_ptr<Appender>> Folder::append_to(std::string const& name, std::uint64_t keep) const {
    if (!is_plain_name(name)) return bad_name(name, path_);
    auto file = open_at_end(handle_.get(), name, 0);
    if (!file) return os_error(errno, "opening", path_of(name));
    struct stat about {};
    if (::fstat(file.get(), &about) != 0) return os_error(errno, "inspecting", path_of(name));
    // Anything but a regular file is not written to.
    if (!S_ISREG(about.st_mode)) return Error{Errc::refused, "'" + path_of(name) + "' is not a regular file"};
    // Not every system forbids hard links to the files of others, and this one may be anybody's.
    bool const has_other_name = about.st_nlink > 1;
    if (has_other_name && keep > 0)
        return Error{Errc::refused, "'" + path_of(name) + "' has another name (a hard link), so it is not continued"};
    if (has_other_name) {
        if (::unlinkat(handle_.get(), name.c_str(), 0) != 0) return os_error(errno, "removing", path_of(name));
        file = open_at_end(handle_.get(), name, O_EXCL);
        if (!file) return os_error(errno, "creating", path_of(name));
        about.st_size = 0;
    }
    if (static_cast<std::uint64_t>(about.st_size) > keep && ::ftruncate(file.get(), static_cast<off_t>(keep)) != 0)
        return os_error(errno, "shortening", path_of(name));
    std::unique_ptr<Appender> appender = std::make_unique<PosixAppender>(std::move(file), path_of(name));
    return appender;
}

Result<void> Folder::rename_durably(std::string const& name, std::string const& new_name) const {
    if (!is_plain_name(name) || !is_plain_name(new_name))
        return Error{Errc::invalid_name,
                     "'" + name + "' or '" + new_name + "' is not a plain file name (in '" + path_ + "')"};
    if (::renameat(handle_.get(), name.c_str(), handle_.get(), new_name.c_str()) != 0)
        return os_error(errno, "renaming '" + path_of(name) + "' to", path_of(new_name));
    return sync();
}

}  // namespace sb::platform
