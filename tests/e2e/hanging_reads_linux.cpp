// libsb_hanging_reads.so, loaded into scale-backupd with LD_PRELOAD: a share whose server is gone. To open a file whose
// path contains the text in the file SB_HANGING_READS takes as long as another process has that file locked.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cstdarg>
#include <cstdlib>
#include <string>

namespace {

std::string path_at(int folder, char const* name) {
    if (name[0] == '/' || folder == AT_FDCWD) return name;
    auto const link = "/proc/self/fd/" + std::to_string(folder);
    std::array<char, 4096> path;
    auto const length = ::readlink(link.c_str(), path.data(), path.size());
    return length <= 0 ? name : std::string(path.data(), static_cast<std::size_t>(length)) + "/" + name;
}

/// Directly, so that it does not reach the wrapper again.
int kernel_open(int folder, char const* path, int flags, mode_t mode) {
    return static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
}

void wait_for(int folder, char const* name) {
    static char const* const control = std::getenv("SB_HANGING_READS");
    if (control == nullptr) return;
    int const handle = kernel_open(AT_FDCWD, control, O_RDONLY | O_CLOEXEC, 0);
    if (handle < 0) return;
    std::array<char, 512> text;
    auto const length = ::pread(handle, text.data(), text.size(), 0);
    auto const is_meant =
        length > 0 &&
        path_at(folder, name).find(std::string(text.data(), static_cast<std::size_t>(length))) != std::string::npos;
    if (is_meant) static_cast<void>(::flock(handle, LOCK_SH));
    static_cast<void>(::close(handle));
}

int open_at(int folder, char const* path, int flags, mode_t mode) {
    wait_for(folder, path);
    return kernel_open(folder, path, flags, mode);
}

}  // namespace

extern "C" {

int openat(int folder, char const* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    auto const mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : mode_t{0};
    va_end(arguments);
    return open_at(folder, path, flags, mode);
}
int openat64(int folder, char const* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    auto const mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : mode_t{0};
    va_end(arguments);
    return open_at(folder, path, flags, mode);
}
// The variants that _FORTIFY_SOURCE calls without a mode.
int __openat_2(int folder, char const* path, int flags) { return open_at(folder, path, flags, 0); }
int __openat64_2(int folder, char const* path, int flags) { return open_at(folder, path, flags, 0); }
}
