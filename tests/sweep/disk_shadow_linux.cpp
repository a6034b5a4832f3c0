// System calls only: the surrounding library counts the calls of the C library.
#include "disk_shadow.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace disk_shadow {
namespace {

constexpr unsigned what_is_asked = STATX_BASIC_STATS | STATX_BTIME;

char const* shadow_folder() {
    static char const* const folder = std::getenv("SB_FAULT_SHADOW");
    return folder;
}

bool lies_about(char const* kind) {
    static char const* const lie = std::getenv("SB_FAULT_LIE");
    return lie != nullptr && (std::strcmp(lie, kind) == 0 || std::strcmp(lie, "all") == 0);
}

bool lies_there(int fd) {
    static char const* const below = std::getenv("SB_FAULT_LIE_BELOW");
    if (below == nullptr) return true;
    char link[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    char path[4096];
    auto const length = ::syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path);
    auto const wanted = std::strlen(below);
    return length >= static_cast<long>(wanted) && std::strncmp(path, below, wanted) == 0;
}

bool look(int folder, char const* name, struct statx& about) {
    return ::syscall(SYS_statx, folder, name, AT_SYMLINK_NOFOLLOW | (name[0] == '\0' ? AT_EMPTY_PATH : 0),
                     what_is_asked, &about) == 0;
}

/// Inode numbers are reused as soon as their file is removed; together with the birth time they are unique.
/// power_cut.py builds the same text.
void write_key(struct statx const& about, char* into, std::size_t room) {
    bool const has_birth = (about.stx_mask & STATX_BTIME) != 0;
    std::snprintf(into, room, "%llu-%lld-%u", static_cast<unsigned long long>(about.stx_ino),
                  has_birth ? static_cast<long long>(about.stx_btime.tv_sec) : 0LL,
                  has_birth ? about.stx_btime.tv_nsec : 0U);
}

bool write_all(int fd, char const* bytes, std::size_t size) {
    while (size > 0) {
        auto const written = ::syscall(SYS_write, fd, bytes, size);
        if (written <= 0) return false;
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
}

bool copy_content(int from, int to) {
    // Opens its own handle only if there is no other way: closing it releases the process's locks on the file.
    bool const may_read = (::syscall(SYS_fcntl, from, F_GETFL, 0) & O_ACCMODE) != O_WRONLY;
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/fd/%d", from);
    int const own = may_read ? -1 : static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0));
    int const source = may_read ? from : own;
    static thread_local char buffer[1 << 16];
    bool fine = source >= 0;
    for (std::int64_t at = 0; fine;) {
        auto const got = ::syscall(SYS_pread64, source, buffer, sizeof buffer, at);
        if (got <= 0) {
            fine = got == 0;
            break;
        }
        fine = write_all(to, buffer, static_cast<std::size_t>(got));
        at += got;
    }
    if (own >= 0) ::syscall(SYS_close, own);
    return fine;
}

// A record of getdents64: inode and offset (8 bytes each), its length (2), the type (1), the name.
constexpr std::size_t length_at = 16;
constexpr std::size_t name_at = 19;

/// "d KEY NAME\0"; the first character is the type: f, d, or l.
bool copy_name(int folder, char const* name, int to) {
    struct statx about {};
    if (!look(folder, name, about)) return errno == ENOENT;  // removed meanwhile
    char key[96];
    write_key(about, key, sizeof key);
    char const kind = S_ISDIR(about.stx_mode) ? 'd' : S_ISLNK(about.stx_mode) ? 'l' : 'f';
    char line[512];
    auto const length = std::snprintf(line, sizeof line, "%c %s %s", kind, key, name);
    return write_all(to, line, static_cast<std::size_t>(length) + 1);
}

bool copy_names(int folder, int to) {
    // A separate handle: reading moves the position.
    int const own = static_cast<int>(::syscall(SYS_openat, folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
    static thread_local char buffer[1 << 15];
    bool fine = own >= 0;
    while (fine) {
        auto const got = ::syscall(SYS_getdents64, own, buffer, sizeof buffer);
        if (got <= 0) {
            fine = got == 0;
            break;
        }
        for (long at = 0; fine && at < got;) {
            std::uint16_t length = 0;
            std::memcpy(&length, buffer + at + length_at, sizeof length);
            char const* const name = buffer + at + name_at;
            if (std::strcmp(name, ".") != 0 && std::strcmp(name, "..") != 0) fine = copy_name(own, name, to);
            at += length;
        }
    }
    if (own >= 0) ::syscall(SYS_close, own);
    return fine;
}

/// Written under a temporary name until it is complete: the process may be killed meanwhile.
bool note(int fd, struct statx const& about) {
    bool const folder = S_ISDIR(about.stx_mode);
    char key[96];
    write_key(about, key, sizeof key);
    char temporary[1024];
    char name[1024];
    std::snprintf(temporary, sizeof temporary, "%s/new-%ld", shadow_folder(), ::syscall(SYS_gettid));
    std::snprintf(name, sizeof name, "%s/%s%s", shadow_folder(), key, folder ? ".names" : "");
    int const to =
        static_cast<int>(::syscall(SYS_openat, AT_FDCWD, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (to < 0) return false;
    bool fine = folder ? copy_names(fd, to) : copy_content(fd, to);
    fine = fine && ::syscall(SYS_fchmod, to, about.stx_mode & 0777) == 0;
    ::syscall(SYS_close, to);
    return fine && ::syscall(SYS_renameat, AT_FDCWD, temporary, AT_FDCWD, name) == 0;
}

}  // namespace

bool is_kept() { return shadow_folder() != nullptr; }

int bring_to_disk(int fd) {
    struct statx about {};
    if (!look(fd, "", about)) return -1;
    if (lies_about(S_ISDIR(about.stx_mode) ? "folders" : "files") && lies_there(fd)) return 0;
    if (note(fd, about)) return 0;
    errno = EIO;
    return -1;
}

}  // namespace disk_shadow
