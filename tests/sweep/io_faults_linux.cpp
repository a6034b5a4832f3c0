// libsb_io_faults.so, loaded into scale-backupd with LD_PRELOAD: counts the calls that change files (or read their
// metadata, or use the network) below the folders of SB_FAULT_PATHS, and injects into the n-th of them the fault from
// the control file SB_FAULT_CONTROL: kill the process, fail the call, write only a part, or replace a folder by a link
// first. io_faults.py is the other side of the control file. With SB_FAULT_SHADOW it also stores what is on disk
// (disk_shadow.hpp), for power cuts.
#include "disk_shadow.hpp"
#include "swap_linux.hpp"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

/// The control file, mapped by both processes. io_faults.py has the same layout.
struct Control {
    std::uint64_t armed;
    std::uint64_t kinds;   ///< which calls are counted: a mask of Kind
    std::uint64_t at;      ///< inject into this call, counted from 1; 0 = only count
    std::uint64_t action;  ///< an Action
    std::uint64_t error;   ///< errno, for `fail`
    std::uint64_t sticky;  ///< 1 = all calls from `at` on, until disarmed
    std::uint64_t seen;    ///< calls counted since it was armed
    std::uint64_t injected;
    std::uint64_t log_used;
    char swap_out[1024];  ///< for `swap`: move this path ...
    char swap_to[1024];   ///< ... to this one, ...
    char swap_in[1024];   ///< ... and put a link to this one, or the folder itself, in its place
    std::uint64_t swap_with_folder;
    char only[256];  ///< only calls on paths that contain this text; empty = all
    char log[1 << 20];
};

enum Kind : std::uint64_t { changes = 1, reads = 2, network = 4 };
enum Action : std::uint64_t {
    count = 0,
    kill_before = 1,
    fail = 2,
    torn_write = 3,
    short_write = 4,
    swap = 5,
    kill_after = 6
};

constexpr std::size_t longest_path = 4096;

template <class F>
F next(char const* name) {
    return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

Control* control() {
    static Control* const mapped = []() -> Control* {
        char const* const path = std::getenv("SB_FAULT_CONTROL");
        if (path == nullptr) return nullptr;
        int const fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0));
        if (fd < 0) return nullptr;
        void* const memory = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        ::syscall(SYS_close, fd);
        return memory == MAP_FAILED ? nullptr : static_cast<Control*>(memory);
    }();
    return mapped;
}

bool is_watched(char const* path) {
    static char const* const paths = std::getenv("SB_FAULT_PATHS");
    if (paths == nullptr) return false;
    for (char const* at = paths; *at != '\0';) {
        char const* const end = ::strchrnul(at, ':');
        auto const length = static_cast<std::size_t>(end - at);
        if (std::strncmp(path, at, length) == 0 && (path[length] == '/' || path[length] == '\0')) return true;
        at = *end == '\0' ? end : end + 1;
    }
    return false;
}

bool path_of_handle(int fd, char* into) {
    char link[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    auto const length = ::syscall(SYS_readlinkat, AT_FDCWD, link, into, longest_path - 1);
    if (length <= 0) return false;
    into[length] = '\0';
    return true;
}

bool path_at(int folder, char const* name, char* into) {
    if (name[0] == '/') {
        std::snprintf(into, longest_path, "%s", name);
        return true;
    }
    if (folder == AT_FDCWD) {
        if (::syscall(SYS_getcwd, into, longest_path) < 0) return false;
    } else if (!path_of_handle(folder, into)) {
        return false;
    }
    auto const length = std::strlen(into);
    if (std::strcmp(name, ".") == 0) return true;
    std::snprintf(into + length, longest_path - length, "/%s", name);
    return true;
}

void note(Control& c, char const* call, char const* path) {
    char line[longest_path + 64];
    auto const length = static_cast<std::uint64_t>(std::snprintf(line, sizeof line, "%s %s\n", call, path));
    auto const at = __atomic_fetch_add(&c.log_used, length, __ATOMIC_RELAXED);
    if (at + length < sizeof c.log) std::memcpy(c.log + at, line, length);
}

[[noreturn]] void die() {
    ::syscall(SYS_kill, ::syscall(SYS_getpid), SIGKILL);
    for (;;) ::syscall(SYS_pause);
}

/// The action for a counted call, if it is the selected one. kill_before and swap are executed before this returns.
Action inject(Kind kind, char const* call, char const* path) {
    Control* const c = control();
    if (c == nullptr || __atomic_load_n(&c->armed, __ATOMIC_ACQUIRE) == 0) return count;
    if ((c->kinds & kind) == 0) return count;
    if (c->only[0] != '\0' && std::strstr(path, c->only) == nullptr) return count;
    auto const number = __atomic_add_fetch(&c->seen, 1, __ATOMIC_ACQ_REL);
    note(*c, call, path);
    if (c->at == 0 || number < c->at || (number > c->at && c->sticky == 0)) return count;
    __atomic_add_fetch(&c->injected, 1, __ATOMIC_ACQ_REL);
    if (c->action == kill_before) die();
    if (c->action == swap) sb::sweep::swap_folder(c->swap_out, c->swap_to, c->swap_in, c->swap_with_folder != 0);
    return static_cast<Action>(c->action);
}

Action inject_at(Kind kind, char const* call, int folder, char const* name) {
    char path[longest_path];
    if (control() == nullptr || !path_at(folder, name, path) || !is_watched(path)) return count;
    return inject(kind, call, path);
}

Action inject_handle(Kind kind, char const* call, int fd) {
    char path[longest_path];
    if (control() == nullptr || !path_of_handle(fd, path) || !is_watched(path)) return count;
    return inject(kind, call, path);
}

Action inject_socket(char const* call, int fd) {
    if (control() == nullptr || __atomic_load_n(&control()->armed, __ATOMIC_ACQUIRE) == 0) return count;
    sockaddr_storage name{};
    socklen_t length = sizeof name;
    if (::syscall(SYS_getsockname, fd, &name, &length) != 0 || name.ss_family != AF_INET) return count;
    return inject(network, call, "cluster");
}

int refused() {
    errno = static_cast<int>(control()->error);
    return -1;
}

/// A call without data: it fails, or it is executed and the process may be killed after it.
template <class Call>
auto pass(Action action, Call call) {
    if (action == fail) return static_cast<decltype(call())>(refused());
    auto const result = call();
    if (action == kill_after) die();
    return result;
}

/// A write that may be partial.
template <class Call>
ssize_t pass_write(Action action, std::size_t size, Call call) {
    if (action == fail) return refused();
    bool const part = (action == torn_write || action == short_write) && size > 1;
    auto const result = call(part ? size / 2 : size);
    if (action == torn_write || action == kill_after) die();
    return result;
}

constexpr std::int64_t second = 1000000000;

std::int64_t nanoseconds(timespec const& time) { return time.tv_sec * second + time.tv_nsec; }
timespec time_of(std::int64_t length) { return {length / second, length % second}; }

/// Speeds up the steady clock of the process: the tests do not test waiting.
std::int64_t time_scale() {
    static std::int64_t const scale = [] {
        char const* const text = std::getenv("SB_FAULT_TIME_SCALE");
        return text == nullptr ? 1 : std::atoll(text);
    }();
    return scale;
}

bool changes_files(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

mode_t mode_argument(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(arguments, unsigned)) : 0;
}

int bring_to_disk(long call, int fd) {
    return disk_shadow::is_kept() ? disk_shadow::bring_to_disk(fd) : static_cast<int>(::syscall(call, fd));
}

/// After a power cut the machine has another boot id.
char const* path_to_open(char const* path) {
    static char const* const boot_id = std::getenv("SB_FAULT_BOOT_ID");
    return boot_id != nullptr && std::strcmp(path, "/proc/sys/kernel/random/boot_id") == 0 ? boot_id : path;
}

int open_at(int folder, char const* path, int flags, mode_t mode) {
    auto const action =
        inject_at(changes_files(flags) ? changes : reads, changes_files(flags) ? "create" : "open", folder, path);
    return pass(action,
                [&] { return static_cast<int>(::syscall(SYS_openat, folder, path_to_open(path), flags, mode)); });
}

}  // namespace

// The names of the C library. Calls go directly to the kernel where that is simple, so that they do not reach our own
// wrappers again.
extern "C" {

int open(char const* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    auto const mode = mode_argument(flags, arguments);
    va_end(arguments);
    return open_at(AT_FDCWD, path, flags, mode);
}
int open64(char const* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    auto const mode = mode_argument(flags, arguments);
    va_end(arguments);
    return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int folder, char const* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    auto const mode = mode_argument(flags, arguments);
    va_end(arguments);
    return open_at(folder, path, flags, mode);
}
int openat64(int folder, char const* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    auto const mode = mode_argument(flags, arguments);
    va_end(arguments);
    return open_at(folder, path, flags, mode);
}
// The variants that _FORTIFY_SOURCE calls without a mode.
int __open_2(char const* path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __open64_2(char const* path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __openat_2(int folder, char const* path, int flags) { return open_at(folder, path, flags, 0); }
int __openat64_2(int folder, char const* path, int flags) { return open_at(folder, path, flags, 0); }

ssize_t write(int fd, void const* bytes, size_t size) {
    auto const action = inject_handle(changes, "write", fd);
    return pass_write(action, size,
                      [&](std::size_t part) { return static_cast<ssize_t>(::syscall(SYS_write, fd, bytes, part)); });
}
ssize_t pwrite(int fd, void const* bytes, size_t size, off_t at) {
    auto const action = inject_handle(changes, "pwrite", fd);
    return pass_write(action, size, [&](std::size_t part) {
        return static_cast<ssize_t>(::syscall(SYS_pwrite64, fd, bytes, part, at));
    });
}
ssize_t pwrite64(int fd, void const* bytes, size_t size, off64_t at) { return pwrite(fd, bytes, size, at); }

int fsync(int fd) {
    return pass(inject_handle(changes, "fsync", fd), [&] { return bring_to_disk(SYS_fsync, fd); });
}
int fdatasync(int fd) {
    return pass(inject_handle(changes, "fdatasync", fd), [&] { return bring_to_disk(SYS_fdatasync, fd); });
}
int ftruncate(int fd, off_t size) noexcept {
    return pass(inject_handle(changes, "ftruncate", fd),
                [&] { return static_cast<int>(::syscall(SYS_ftruncate, fd, size)); });
}
int ftruncate64(int fd, off64_t size) noexcept { return ftruncate(fd, size); }
int fallocate(int fd, int mode, off_t at, off_t size) {
    return pass(inject_handle(changes, "fallocate", fd),
                [&] { return static_cast<int>(::syscall(SYS_fallocate, fd, mode, at, size)); });
}
int fallocate64(int fd, int mode, off64_t at, off64_t size) { return fallocate(fd, mode, at, size); }
int posix_fallocate(int fd, off_t at, off_t size) { return fallocate(fd, 0, at, size) == 0 ? 0 : errno; }
int posix_fallocate64(int fd, off64_t at, off64_t size) { return posix_fallocate(fd, at, size); }

int renameat(int folder, char const* name, int target, char const* new_name) noexcept {
    return pass(inject_at(changes, "rename", folder, name),
                [&] { return static_cast<int>(::syscall(SYS_renameat, folder, name, target, new_name)); });
}
int renameat2(int folder, char const* name, int target, char const* new_name, unsigned flags) noexcept {
    return pass(inject_at(changes, "rename", folder, name),
                [&] { return static_cast<int>(::syscall(SYS_renameat2, folder, name, target, new_name, flags)); });
}
int rename(char const* name, char const* new_name) noexcept { return renameat(AT_FDCWD, name, AT_FDCWD, new_name); }
int linkat(int folder, char const* name, int target, char const* new_name, int flags) noexcept {
    return pass(inject_at(changes, "link", target, new_name),
                [&] { return static_cast<int>(::syscall(SYS_linkat, folder, name, target, new_name, flags)); });
}
int link(char const* name, char const* new_name) noexcept { return linkat(AT_FDCWD, name, AT_FDCWD, new_name, 0); }
int unlinkat(int folder, char const* name, int flags) noexcept {
    return pass(inject_at(changes, flags == AT_REMOVEDIR ? "rmdir" : "unlink", folder, name),
                [&] { return static_cast<int>(::syscall(SYS_unlinkat, folder, name, flags)); });
}
int unlink(char const* name) noexcept { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(char const* name) noexcept { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }
int mkdirat(int folder, char const* name, mode_t mode) noexcept {
    return pass(inject_at(changes, "mkdir", folder, name),
                [&] { return static_cast<int>(::syscall(SYS_mkdirat, folder, name, mode)); });
}
int mkdir(char const* name, mode_t mode) noexcept { return mkdirat(AT_FDCWD, name, mode); }

// Metadata reads: the folder may be replaced right after them.
int fstatat(int folder, char const* name, struct stat* into, int flags) noexcept {
    static auto const real = next<int (*)(int, char const*, struct stat*, int)>("fstatat");
    return pass(inject_at(reads, "stat", folder, name), [&] { return real(folder, name, into, flags); });
}
int fstatat64(int folder, char const* name, struct stat64* into, int flags) noexcept {
    static auto const real = next<int (*)(int, char const*, struct stat64*, int)>("fstatat64");
    return pass(inject_at(reads, "stat", folder, name), [&] { return real(folder, name, into, flags); });
}
struct dirent* readdir(DIR* folder) {
    static auto const real = next<struct dirent* (*)(DIR*)>("readdir");
    if (inject_handle(reads, "readdir", ::dirfd(folder)) == fail) {
        refused();
        return nullptr;
    }
    return real(folder);
}

// The network: encryption hides which send is a POST, so every send and every receive is counted.
ssize_t sendmsg(int fd, msghdr const* message, int flags) {
    return pass(inject_socket("send", fd),
                [&] { return static_cast<ssize_t>(::syscall(SYS_sendmsg, fd, message, flags)); });
}
ssize_t send(int fd, void const* bytes, size_t size, int flags) {
    return pass(inject_socket("send", fd),
                [&] { return static_cast<ssize_t>(::syscall(SYS_sendto, fd, bytes, size, flags, nullptr, 0)); });
}
ssize_t recv(int fd, void* bytes, size_t size, int flags) {
    return pass(inject_socket("receive", fd), [&] {
        return static_cast<ssize_t>(::syscall(SYS_recvfrom, fd, bytes, size, flags, nullptr, nullptr));
    });
}
ssize_t recvmsg(int fd, msghdr* message, int flags) {
    return pass(inject_socket("receive", fd),
                [&] { return static_cast<ssize_t>(::syscall(SYS_recvmsg, fd, message, flags)); });
}

int clock_gettime(clockid_t clock, timespec* into) noexcept {
    auto const result = static_cast<int>(::syscall(SYS_clock_gettime, clock, into));
    if (result == 0 && clock == CLOCK_MONOTONIC && time_scale() > 1) {
        static std::int64_t const begun = nanoseconds(*into);
        *into = time_of(begun + (nanoseconds(*into) - begun) * time_scale());
    }
    return result;
}
int timerfd_settime(int fd, int flags, itimerspec const* wanted, itimerspec* before) noexcept {
    itimerspec scaled = *wanted;
    bool const relative = (flags & TFD_TIMER_ABSTIME) == 0 && nanoseconds(wanted->it_value) > 0;
    if (relative) scaled.it_value = time_of(nanoseconds(wanted->it_value) / time_scale() + 1);
    return static_cast<int>(::syscall(SYS_timerfd_settime, fd, flags, &scaled, before));
}

}  // extern "C"
