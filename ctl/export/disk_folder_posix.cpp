#include "ctl/export/disk_folder.hpp"

#include "ctl/export/file_calls_posix.hpp"
#include "ctl/export/partial_file_posix.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace sb::ctl {
namespace {

using platform::FileDescriptor;

constexpr mode_t for_this_user_alone = 0600;

bool is_same_time(struct timespec const& one, struct timespec const& other) {
    return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

class Image : public OpenImage {
public:
    Image(FileDescriptor fd, struct stat const& opened, std::string path)
        : fd_(std::move(fd)), opened_(opened), path_(std::move(path)) {}

    std::uint64_t size() const override { return static_cast<std::uint64_t>(opened_.st_size); }

    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        auto const count = read_at(fd_.get(), offset, into, path_);
        if (!count) return count.error();
        if (*count < into.size())
            return Error{Errc::io, "reading '" + path_ + "': it became shorter while it was being read"};
        return {};
    }

    void drop_from_cache(std::uint64_t offset, std::uint64_t length) const override {
        (void)::posix_fadvise(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(length), POSIX_FADV_DONTNEED);
    }

    std::uint64_t allocated_bytes() const override {
        constexpr std::uint64_t block = 512;  // POSIX leaves it open; each system that has st_blocks uses this
        return static_cast<std::uint64_t>(opened_.st_blocks) * block;
    }

    Result<void> check_unchanged() const override {
        auto const now = inspected(fd_.get(), path_);
        if (!now) return now.error();
        // The ctime, too: a program can set the mtime back, but not this.
        if (now->st_size == opened_.st_size && is_same_time(now->st_mtim, opened_.st_mtim) &&
            is_same_time(now->st_ctim, opened_.st_ctim))
            return {};
        return Error{Errc::io, "'" + path_ +
                                   "' was changed while it was being read, so the new file would be neither the "
                                   "old disk nor the new one. Find out what writes to the image, then export it again"};
    }

private:
    FileDescriptor fd_;
    struct stat opened_;
    std::string path_;
};

bool is_plain_name(std::string const& name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos && name.find('\0') == name.npos;
}

Error not_plain(std::string const& name) { return {Errc::invalid_name, "'" + name + "' is not a plain file name"}; }

}  // namespace

Result<DiskFolder> DiskFolder::open(std::filesystem::path const& path, LastStep last) {
    int const follow = last == LastStep::must_be_real ? O_NOFOLLOW : 0;
    FileDescriptor handle(open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY | follow));
    int const failed = errno;
    if (handle) return DiskFolder(std::move(handle), path.string());
    if (is_link_refused(failed) || (failed == ENOTDIR && last == LastStep::must_be_real))
        return Error{Errc::refused, "'" + path.string() + "' is a link or a file, not a folder"};
    return failure(failed, "opening the folder", path.string());
}

/// A regular file, open.
struct DiskFolder::Found {
    FileDescriptor fd;
    struct stat about;
    bool is_foreign = false;  ///< belongs to another user than the folder, and this process may read any file
};

Result<DiskFolder::Found> DiskFolder::find(std::string const& name) const {
    if (!is_plain_name(name)) return not_plain(name);
    // O_NONBLOCK: opening a pipe must not wait for its writer.
    FileDescriptor fd(open_at(handle_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    if (!fd && is_link_refused(errno)) return Error{Errc::refused, "'" + path_of(name) + "' is a link"};
    if (!fd) return failure(errno, "opening", path_of(name));
    auto const file = inspected(fd.get(), path_of(name));
    if (!file) return file.error();
    if (!S_ISREG(file->st_mode)) return Error{Errc::refused, "'" + path_of(name) + "' is not a regular file"};
    auto const folder = inspected(handle_.get(), path_);
    if (!folder) return folder.error();
    bool const is_foreign = ::geteuid() == 0 && file->st_uid != folder->st_uid;
    return Found{std::move(fd), *file, is_foreign};
}

Result<std::unique_ptr<OpenImage>> DiskFolder::open_file(std::string const& name) const {
    auto found = find(name);
    if (!found) return found.error();
    if (found->is_foreign)
        return Error{Errc::refused,
                     "'" + path_of(name) +
                         "' belongs to another user than its folder, whose owner may not be allowed to "
                         "read it. If it belongs here, give both the same owner (chown), then export it again"};
    std::unique_ptr<OpenImage> image = std::make_unique<Image>(std::move(found->fd), found->about, path_of(name));
    return image;
}

Result<std::string> DiskFolder::read(std::string const& name, std::size_t limit) const {
    auto const found = find(name);
    if (!found) return found.error();
    if (found->is_foreign && found->about.st_nlink > 1)
        return Error{
            Errc::refused,
            "'" + path_of(name) + "' has a second name (a hard link) and belongs to another user than its folder"};
    if (static_cast<std::uint64_t>(found->about.st_size) > limit)
        return Error{Errc::refused, "'" + path_of(name) + "' is longer than " + std::to_string(limit) + " bytes"};
    std::string text(static_cast<std::size_t>(found->about.st_size), '\0');
    auto const count = read_at(found->fd.get(), 0, std::as_writable_bytes(std::span(text)), path_of(name));
    if (!count) return count.error();
    if (*count < text.size())
        return Error{Errc::io, "reading '" + path_of(name) + "': it became shorter while it was being read"};
    return text;
}

Result<void> DiskFolder::remove_left_over(std::string const& partial) const {
    auto const path = path_of(partial);
    FileDescriptor const fd(open_at(handle_.get(), partial.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK));
    if (!fd && errno == ENOENT) return {};
    if (!fd && is_link_refused(errno)) return Error{Errc::refused, "'" + path + "' is not a regular file: remove it"};
    if (!fd) return failure(errno, "opening", path);
    auto const about = inspected(fd.get(), path);
    if (!about) return about.error();
    if (!S_ISREG(about->st_mode)) return Error{Errc::refused, "'" + path + "' is not a regular file: remove it"};
    // Who writes it holds the lock, and a process that has ended holds none.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return Error{Errc::name_in_use, "another process is writing '" + path + "'"};
    struct stat named {};
    if (::fstatat(handle_.get(), partial.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && is_same_file(named, *about))
        ::unlinkat(handle_.get(), partial.c_str(), 0);
    return {};
}

Result<std::unique_ptr<NewFile>> DiskFolder::create(std::string const& name) const {
    if (!is_plain_name(name)) return not_plain(name);
    struct stat there {};
    if (::fstatat(handle_.get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0)
        return Error{Errc::name_in_use, "'" + path_of(name) + "' exists; it is not replaced"};
    auto const partial = "." + name + ".partial";
    if (auto const removed = remove_left_over(partial); !removed) return removed.error();
    constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
    FileDescriptor fd(open_at(handle_.get(), partial.c_str(), flags, for_this_user_alone));
    if (!fd) return failure(errno, "creating", path_of(partial));
    (void)::flock(fd.get(), LOCK_EX | LOCK_NB);  // where it is not supported, two at a time are the user's doing
    std::unique_ptr<NewFile> file = std::make_unique<PartialFile>(handle_.get(), path_, std::move(fd), partial, name);
    return file;
}

Result<std::uint64_t> DiskFolder::free_bytes() const {
    struct statvfs about {};
    if (::fstatvfs(handle_.get(), &about) != 0) return failure(errno, "inspecting the file system of", path_);
    return static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
}

}  // namespace sb::ctl
