#include "simulator/transfer/raw_file.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace sb::sim {
namespace {

Error system_error(std::string what, int number) {
    auto const code = number == ENOSPC || number == EDQUOT ? Errc::no_space : Errc::io;
    return Error{code, std::move(what) + ": " + std::strerror(number)};
}

}  // namespace

bool all_zero(std::span<std::byte const> bytes) {
    if (bytes.empty()) return true;
    // The first byte is zero, and the range equals itself shifted by one byte: memcmp runs at memory speed.
    return bytes[0] == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

RawFile::RawFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

RawFile::RawFile(RawFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

RawFile& RawFile::operator=(RawFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(path_, other.path_);
    return *this;
}

RawFile::~RawFile() {
    if (fd_ >= 0) ::close(fd_);
}

Result<RawFile> RawFile::open(std::string const& path, int flags) {
    int const fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (fd < 0) return system_error("open " + path, errno);
    return RawFile(fd, path);
}

Result<RawFile> RawFile::open_for_reading(std::string const& path) { return open(path, O_RDONLY); }

Result<RawFile> RawFile::open_for_change(std::string const& path) { return open(path, O_RDWR); }

Result<RawFile> RawFile::create(std::string const& path, std::uint64_t size) {
    auto file = open(path, O_RDWR | O_CREAT | O_TRUNC);
    if (!file) return file.error();
    if (::ftruncate(file->fd_, static_cast<off_t>(size)) != 0) return file->failed("resize");
    return file;
}

Error RawFile::failed(char const* what) const { return system_error(what + (" " + path_), errno); }

Result<std::uint64_t> RawFile::size() const {
    off_t const end = ::lseek(fd_, 0, SEEK_END);
    if (end < 0) return failed("measure");
    return static_cast<std::uint64_t>(end);
}

Result<void> RawFile::read(std::uint64_t offset, std::span<std::byte> into) const {
    while (!into.empty()) {
        ssize_t const got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read");
        if (got == 0) {
            std::memset(into.data(), 0, into.size());
            break;
        }
        into = into.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
    return {};
}

Result<void> RawFile::write(std::uint64_t offset, std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
        ssize_t const put = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return failed("write");
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        offset += static_cast<std::uint64_t>(put);
    }
    return {};
}

Result<std::optional<Extent>> RawFile::next_data(std::uint64_t offset) const {
    auto const length = size();
    if (!length) return length.error();
    if (offset >= *length) return std::optional<Extent>();
    off_t const begin = ::lseek(fd_, static_cast<off_t>(offset), SEEK_DATA);
    if (begin < 0 && errno == ENXIO) return std::optional<Extent>();
    if (begin < 0 && errno == EINVAL) return std::optional<Extent>(Extent{offset, *length});
    if (begin < 0) return failed("find data in");
    off_t const end = ::lseek(fd_, begin, SEEK_HOLE);
    if (end < 0) return failed("find a hole in");
    return std::optional<Extent>(Extent{static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(end)});
}

}  // namespace sb::sim
