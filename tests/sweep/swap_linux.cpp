#include "swap_linux.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sb::sweep {

namespace {

/// As the kernel lays it out.
struct Entry {
    std::uint64_t inode;
    std::int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[1];
};

/// "" if the folder has no such entry.
std::string first_that_begins_with(std::string const& folder, std::string_view prefix) {
    auto const descriptor = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, folder.c_str(), O_RDONLY | O_DIRECTORY));
    if (descriptor < 0) return {};
    std::string found;
    alignas(Entry) char buffer[4096];
    for (;;) {
        auto const bytes = ::syscall(SYS_getdents64, descriptor, buffer, sizeof buffer);
        if (bytes <= 0) break;
        for (long at = 0; at < bytes;) {
            auto const* const entry = reinterpret_cast<Entry const*>(buffer + at);
            auto const* const name = buffer + at + offsetof(Entry, name);
            if (std::string_view(name).starts_with(prefix) && (found.empty() || name < found)) found = name;
            at += entry->length;
        }
    }
    ::syscall(SYS_close, descriptor);
    return found;
}

std::string expanded(std::string const& path) {
    if (!path.ends_with('*')) return path;
    auto const slash = path.rfind('/');
    auto const folder = path.substr(0, slash);
    auto const name = first_that_begins_with(folder, std::string_view(path).substr(slash + 1, path.size() - slash - 2));
    return name.empty() ? std::string() : folder + "/" + name;
}

}  // namespace

void swap_folder(char const* out, char const* to, char const* in, bool with_folder) {
    auto const path = expanded(out);
    if (path.empty()) return;
    ::syscall(SYS_renameat, AT_FDCWD, path.c_str(), AT_FDCWD, to);
    if (with_folder) ::syscall(SYS_renameat, AT_FDCWD, in, AT_FDCWD, path.c_str());
    else ::syscall(SYS_symlinkat, in, AT_FDCWD, path.c_str());
}

}  // namespace sb::sweep
