#include "common/ipc/open_file_posix.hpp"

#include "common/ipc/side_threads.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace sb::ipc {
namespace {

std::string reason(int number) { return std::generic_category().message(number); }

Error cannot_open(std::string const& path, int number) {
    auto code = Errc::io;
    if (number == ENOENT || number == ENOTDIR) code = Errc::not_found;
    if (number == EACCES || number == EPERM) code = Errc::not_permitted;
    return {code, "cannot open '" + path + "': " + reason(number)};
}

Result<std::uint64_t> size_of_regular(int descriptor) {
    struct stat info {};
    if (::fstat(descriptor, &info) != 0) return Error{Errc::io, "cannot check the file: " + reason(errno)};
    if (S_ISDIR(info.st_mode)) return Error{Errc::refused, "it is a folder"};
    if (!S_ISREG(info.st_mode)) return Error{Errc::refused, "it is not a regular file, so its length is unknown"};
    if (info.st_size <= 0) return Error{Errc::refused, "the file is empty"};
    return static_cast<std::uint64_t>(info.st_size);
}

}  // namespace

OpenFile::OpenFile(std::unique_ptr<Native> native) : native_(std::move(native)) {}

OpenFile::~OpenFile() {
    if (native_->descriptor < 0) return;
    if (native_->closing) native_->closing->close(native_->descriptor);
    else ::close(native_->descriptor);
}

std::shared_ptr<OpenFile> own_received(int descriptor, std::shared_ptr<SideThreads> closing) {
    auto native = std::make_unique<OpenFile::Native>();
    native->descriptor = descriptor;
    native->size_at_first = size_of_regular(descriptor);
    native->closing = std::move(closing);
    if (!native->size_at_first) ::close(std::exchange(native->descriptor, -1));
    return std::make_shared<OpenFile>(std::move(native));
}

Result<std::shared_ptr<OpenFile>> OpenFile::open(std::filesystem::path const& path) {
    // O_NONBLOCK: opening a pipe would wait for a writer. It means nothing to regular files.
    int const descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0) return cannot_open(path.native(), errno);
    auto native = std::make_unique<Native>();
    native->descriptor = descriptor;
    native->size_at_first = size_of_regular(descriptor);
    auto file = std::make_shared<OpenFile>(std::move(native));
    if (auto const size = file->size_at_first(); !size)
        return Error{size.error().code, "cannot use '" + path.native() + "': " + size.error().context};
    return file;
}

Result<std::uint64_t> OpenFile::size_at_first() const { return native_->size_at_first; }

Result<std::uint64_t> OpenFile::size() const {
    if (native_->descriptor < 0) return native_->size_at_first;
    return size_of_regular(native_->descriptor);
}

Result<std::size_t> OpenFile::read_at(std::span<char> into, std::uint64_t offset) const {
    if (!native_->size_at_first) return native_->size_at_first.error();
    if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) return std::size_t{0};
    for (;;) {
        auto const count = ::pread(native_->descriptor, into.data(), into.size(), static_cast<off_t>(offset));
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) return Error{Errc::io, "reading the file: " + reason(errno)};
    }
}

}  // namespace sb::ipc
