#include "daemon/platform/folder.hpp"

#include "daemon/platform/folder_posix.hpp"
#include "daemon/platform/os_error.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace sb::platform {
namespace {

EntryKind kind_of(mode_t mode) {
    if (S_ISREG(mode)) return EntryKind::file;
    if (S_ISDIR(mode)) return EntryKind::folder;
    if (S_ISLNK(mode)) return EntryKind::link;
    return EntryKind::other;
}

int open_at(int folder, char const* name, int flags) {
    int fd = -1;
    do fd = ::openat(folder, name, flags | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd;
}

class OpenFile : public RandomAccess {
public:
    OpenFile(FileDescriptor fd, std::uint64_t size, std::string path)
        : fd_(std::move(fd)), size_(size), path_(std::move(path)) {}

    std::uint64_t size() const override { return size_; }

    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        while (!into.empty()) {
            if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()))
                return Error{Errc::io, "reading '" + path_ + "': the offset is too large"};
            auto const got = ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return os_error(errno, "reading", path_);
            if (got == 0) return Error{Errc::io, "reading '" + path_ + "': it shrank while it was being read"};
            offset += static_cast<std::uint64_t>(got);
            into = into.subspan(static_cast<std::size_t>(got));
        }
        return {};
    }

    Result<DataRange> next_data(std::uint64_t offset) const override {
        if (offset >= size_) return DataRange{size_, size_};
        auto const data = ::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_DATA);
        if (data < 0 && errno == ENXIO) return DataRange{size_, size_};  // a hole up to the end
        if (data < 0 && errno == EIO) return os_error(errno, "searching for data in", path_);
        if (data < 0) return DataRange{offset, size_};  // this file system does not report holes
        auto const hole = ::lseek(fd_.get(), data, SEEK_HOLE);
        auto const begin = std::min(static_cast<std::uint64_t>(data), size_);
        auto const end = hole < 0 ? size_ : std::min(static_cast<std::uint64_t>(hole), size_);
        return DataRange{begin, std::max(begin, end)};
    }

    void drop_from_cache(std::uint64_t offset, std::uint64_t length) const override {
        // Advice only: where it is ignored, the cost is memory that the system may reclaim.
        (void)::posix_fadvise(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(length), POSIX_FADV_DONTNEED);
    }

private:
    FileDescriptor fd_;
    std::uint64_t size_;
    std::string path_;
};

}  // namespace

UtcTime file_time(std::int64_t seconds, std::int64_t nanoseconds) {
    using namespace std::chrono;
    // Not in nanoseconds, whose 64 bits end in the year 2262: a later time would look old.
    constexpr sys_seconds first = sys_days{year{1} / January / 1};
    constexpr sys_seconds last = sys_days{year{9999} / December / 31};
    constexpr std::int64_t per_millisecond = 1'000'000;
    auto const whole = std::clamp(seconds, first.time_since_epoch().count(), last.time_since_epoch().count());
    auto const rest = std::clamp(nanoseconds, std::int64_t{0}, 1000 * per_millisecond - 1) / per_millisecond;
    return UtcTime(Milliseconds(whole * 1000 + rest));
}

Error bad_name(std::string const& name, std::string const& path) {
    return {Errc::invalid_name, "'" + name + "' is not a plain file name (in '" + path + "')"};
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos && name.find('\0') == name.npos;
}

Result<Folder> Folder::open(std::filesystem::path const& path) {
    FileDescriptor handle(open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY));
    if (!handle) return os_error(errno, "opening the folder", path.string());
    return Folder(std::move(handle), path.string());
}

Result<Folder> Folder::subfolder(std::string const& name) const {
    if (!is_plain_name(name)) return bad_name(name, path_);
    FileDescriptor handle(open_at(handle_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    if (!handle) {
        // What O_NOFOLLOW returns for a link differs between systems: ELOOP, EMLINK (FreeBSD) or ENOTDIR.
        if (errno == ELOOP || errno == EMLINK || errno == ENOTDIR)
            return Error{Errc::refused, "'" + path_of(name) + "' is a link or a file, not a folder"};
        return os_error(errno, "opening the folder", path_of(name));
    }
    return Folder(std::move(handle), path_of(name));
}

Result<std::vector<Entry>> Folder::entries() const {
    // A separate descriptor: readdir() moves the position, which a duplicate would share.
    FileDescriptor own(open_at(handle_.get(), ".", O_RDONLY | O_DIRECTORY));
    if (!own) return os_error(errno, "listing", path_);
    DIR* const listing = ::fdopendir(own.get());
    if (listing == nullptr) return os_error(errno, "listing", path_);
    own.release();
    struct Closer {
        void operator()(DIR* dir) const { ::closedir(dir); }
    };
    std::unique_ptr<DIR, Closer> const closer(listing);

    std::vector<Entry> found;
    for (;;) {
        errno = 0;
        dirent const* const item = ::readdir(listing);
        if (item == nullptr) {
            if (errno != 0) return os_error(errno, "listing", path_);
            break;
        }
        Entry entry{.name = static_cast<char const*>(item->d_name)};
        if (entry.name == "." || entry.name == "..") continue;
        switch (item->d_type) {
            case DT_REG: entry.kind = EntryKind::file; break;
            case DT_DIR: entry.kind = EntryKind::folder; break;
            case DT_LNK: entry.kind = EntryKind::link; break;
            case DT_UNKNOWN: {  // some file systems do not report it
                auto const about = info(entry.name);
                if (!about) return about.error();
                if (!*about) continue;  // removed meanwhile
                entry.kind = (*about)->kind;
                break;
            }
            default: break;
        }
        found.push_back(std::move(entry));
    }
    std::sort(found.begin(), found.end(), [](Entry const& a, Entry const& b) { return a.name < b.name; });
    return found;
}

Result<std::optional<FileInfo>> Folder::info(std::string const& name) const {
    if (!is_plain_name(name)) return bad_name(name, path_);
    struct stat about {};
    if (::fstatat(handle_.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return std::optional<FileInfo>{};
        return os_error(errno, "inspecting", path_of(name));
    }
    FileInfo const info{.kind = kind_of(about.st_mode),
                        .size_bytes = static_cast<std::uint64_t>(about.st_size),
                        .modified = file_time(about.st_mtim.tv_sec, about.st_mtim.tv_nsec)};
    return std::optional(info);
}

Result<std::string> Folder::state(std::string const& name) const {
    if (!is_plain_name(name)) return bad_name(name, path_);
    struct stat about {};
    if (::fstatat(handle_.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return std::string("missing");
        return os_error(errno, "inspecting", path_of(name));
    }
    auto const text = [](timespec const& time) {
        return " " + std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
    };
    return std::to_string(about.st_dev) + " " + std::to_string(about.st_ino) + " " + std::to_string(about.st_size) +
           text(about.st_mtim) + text(about.st_ctim);
}

Result<std::uint64_t> Folder::freed_by_removing(std::string const& name) const {
    if (!is_plain_name(name)) return bad_name(name, path_);
    struct stat about {};
    if (::fstatat(handle_.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return std::uint64_t{0};
        return os_error(errno, "inspecting", path_of(name));
    }
    constexpr std::uint64_t block = 512;  // POSIX leaves it open; each system that has st_blocks uses this
    bool const has_other_name = !S_ISDIR(about.st_mode) && about.st_nlink > 1;
    return has_other_name ? std::uint64_t{0} : static_cast<std::uint64_t>(about.st_blocks) * block;
}

Result<bool> Folder::is_same_as(Folder const& other) const {
    struct stat here {
    }, there{};
    if (::fstat(handle_.get(), &here) != 0) return os_error(errno, "inspecting", path_);
    if (::fstat(other.handle_.get(), &there) != 0) return os_error(errno, "inspecting", other.path_);
    return here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

Result<bool> Folder::is_on_same_mount(Folder const& other) const {
    auto const here = mount_of(handle_.get());
    auto const there = mount_of(other.handle_.get());
    if (!here || !there) return os_error(errno, "inspecting", other.path_);
    return *here == *there;
}

Result<FileDescriptor> Folder::open_regular(std::string const& name) const {
    if (!is_plain_name(name)) return bad_name(name, path_);
    // O_NONBLOCK: opening a FIFO must not wait for its writer.
    FileDescriptor fd(open_at(handle_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    if (!fd) {
        if (errno == ELOOP || errno == EMLINK) return Error{Errc::refused, "'" + path_of(name) + "' is a link"};
        return os_error(errno, "opening", path_of(name));
    }
    struct stat about {};
    if (::fstat(fd.get(), &about) != 0) return os_error(errno, "inspecting", path_of(name));
    if (!S_ISREG(about.st_mode)) return Error{Errc::refused, "'" + path_of(name) + "' is not a regular file"};
    return fd;
}

Result<std::unique_ptr<RandomAccess>> Folder::open_file(std::string const& name) const {
    auto fd = open_regular(name);
    if (!fd) return fd.error();
    struct stat about {};
    if (::fstat(fd->get(), &about) != 0) return os_error(errno, "inspecting", path_of(name));
    std::unique_ptr<RandomAccess> file =
        std::make_unique<OpenFile>(std::move(*fd), static_cast<std::uint64_t>(about.st_size), path_of(name));
    return file;
}

Result<std::string> Folder::read(std::string const& name, std::size_t limit) const {
    auto file = open_file(name);
    if (!file) return file.error();
    if ((*file)->size() > limit)
        return Error{Errc::refused, "'" + path_of(name) + "' has " + std::to_string((*file)->size()) +
                                        " bytes; at most " + std::to_string(limit) + " are read"};
    std::string bytes(static_cast<std::size_t>((*file)->size()), '\0');
    auto const done = (*file)->read(0, std::as_writable_bytes(std::span(bytes)));
    if (!done) return done.error();
    return bytes;
}

}  // namespace sb::platform
