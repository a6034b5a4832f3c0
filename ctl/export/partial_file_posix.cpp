#include "ctl/export/partial_file_posix.hpp"

#include "ctl/export/file_calls_posix.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace sb::ctl {

PartialFile::PartialFile(int folder, std::string folder_path, platform::FileDescriptor fd, std::string partial,
                         std::string name)
    : folder_(folder),
      folder_path_(std::move(folder_path)),
      fd_(std::move(fd)),
      partial_(std::move(partial)),
      name_(std::move(name)) {}

PartialFile::~PartialFile() {
    if (!published_ && has_its_name()) ::unlinkat(folder_, partial_.c_str(), 0);
}

Result<void> PartialFile::write(std::uint64_t offset, std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
        auto const at = position(offset, path());
        if (!at) return at.error();
        auto const count = ::pwrite(fd_.get(), bytes.data(), bytes.size(), *at);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure(errno, "writing", path());
        offset += static_cast<std::uint64_t>(count);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> PartialFile::read(std::uint64_t offset, std::span<std::byte> into) const {
    auto const count = read_at(fd_.get(), offset, into, path());
    if (!count) return count.error();
    std::ranges::fill(into.subspan(*count), std::byte{0});
    return {};
}

Result<std::uint64_t> PartialFile::next_data(std::uint64_t offset) const {
    auto const at = position(offset, path());
    if (!at) return at.error();
    auto const data = ::lseek(fd_.get(), *at, SEEK_DATA);
    if (data >= 0) return static_cast<std::uint64_t>(data);
    if (errno == EIO) return failure(errno, "searching for data in", path());
    if (errno != ENXIO) return offset;  // this file system does not report holes
    auto const file = inspected(fd_.get(), path());
    if (!file) return file.error();
    return std::max(offset, static_cast<std::uint64_t>(file->st_size));
}

Result<void> PartialFile::resize(std::uint64_t bytes) {
    auto const length = position(bytes, path());
    if (!length) return length.error();
    if (::ftruncate(fd_.get(), *length) != 0) return failure(errno, "resizing", path());
    return {};
}

Result<void> PartialFile::flush() {
    if (::fsync(fd_.get()) != 0) return failure(errno, "flushing", path());
    // Written once and not needed again soon: it must not evict what others use.
    (void)::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED);
    return {};
}

Result<std::string> PartialFile::share(unsigned permissions) {
    auto const folder = inspected(folder_, folder_path_);
    if (!folder) return folder.error();
    auto const file = inspected(fd_.get(), path());
    if (!file) return file.error();
    std::string warning;
    bool const is_root = ::geteuid() == 0;
    auto const owner = is_root ? folder->st_uid : static_cast<uid_t>(-1);
    bool const differs = file->st_gid != folder->st_gid || (is_root && file->st_uid != folder->st_uid);
    if (differs && ::fchown(fd_.get(), owner, folder->st_gid) != 0)
        warning =
            "'" + name_ + "' keeps its group: this user is not in the folder's group " + std::to_string(folder->st_gid);
    if (::fchmod(fd_.get(), static_cast<mode_t>(permissions)) != 0)
        return failure(errno, "setting the permissions of", path());
    return warning;
}

Result<void> PartialFile::publish() {
    if (auto const done = flush(); !done) return done;
    if (!has_its_name())
        return Error{Errc::io, "'" + path() + "' was removed or replaced by another program; run the export again"};
    if (int const failed = give_name(); failed == EEXIST) return name_taken();
    else if (failed != 0) return failure(failed, "renaming", path());
    published_ = true;
    // Not every file system can flush a folder; then it decides when the name reaches the disk.
    (void)::fsync(folder_);
    return {};
}

Error PartialFile::name_taken() const {
    return {Errc::name_in_use, "'" + folder_path_ + "/" + name_ + "' exists; it was not replaced"};
}

bool PartialFile::has_its_name() const {
    struct stat own {
    }, named{};
    return ::fstat(fd_.get(), &own) == 0 && ::fstatat(folder_, partial_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           is_same_file(own, named);
}

int PartialFile::give_name() const {
    // A second name, then without the first: unlike a rename, that replaces nothing on any system.
    if (::linkat(folder_, partial_.c_str(), folder_, name_.c_str(), 0) == 0) {
        ::unlinkat(folder_, partial_.c_str(), 0);
        return 0;
    }
    // What file systems answer that have no second names (SMB, exFAT), or a system that forbids them.
    static constexpr std::array unsupported{EPERM, EMLINK, ENOSYS, ENOTSUP, EOPNOTSUPP, EINVAL, EACCES};
    int const failed = errno;
    if (std::ranges::find(unsupported, failed) == unsupported.end()) return failed;
    struct stat there {};
    if (::fstatat(folder_, name_.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
    return ::renameat(folder_, partial_.c_str(), folder_, name_.c_str()) == 0 ? 0 : errno;
}

}  // namespace sb::ctl
