#include "daemon/platform/process.hpp"

#include "daemon/platform/file_descriptor.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace sb::platform {
namespace {

// From the kernel's linux/ioprio.h, which older systems do not install.
constexpr int whose_process = 1;
constexpr int idle_class = 3 << 13;

}  // namespace

std::string boot_id() {
    FileDescriptor file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
    if (!file) return {};
    std::array<char, 64> text{};
    auto const got = ::read(file.get(), text.data(), text.size());
    std::string id(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    id.erase(std::min(id.find('\n'), id.size()));
    return id;
}

void disable_debugging() { ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

void keep_memory_small() {
#ifdef M_ARENA_MAX  // glibc; other libraries have one heap anyway
    ::mallopt(M_ARENA_MAX, 1);
    ::mallopt(M_TRIM_THRESHOLD, 64 * 1024);
    ::mallopt(M_MMAP_THRESHOLD, 64 * 1024);
#endif
}

void limit_memory(std::uint64_t more_bytes) {
    // Pages: size, resident, shared, text, library, data and stack, dirty (proc(5), statm). A sanitizer's shadow
    // counts.
    FileDescriptor const file(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
    std::array<char, 256> text{};
    if (!file || ::read(file.get(), text.data(), text.size() - 1) <= 0) return;
    unsigned long data = 0;
    if (std::sscanf(text.data(), "%*u %*u %*u %*u %*u %lu", &data) != 1) return;
    auto const now = rlim_t{data} * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
    rlimit limit{};
    if (::getrlimit(RLIMIT_DATA, &limit) != 0) return;
    limit.rlim_cur = std::min(limit.rlim_max, now + rlim_t{more_bytes});
    ::setrlimit(RLIMIT_DATA, &limit);
}

void use_idle_priority() {
    // Of this thread alone: Linux counts threads as processes here.
    auto const thread = static_cast<id_t>(::syscall(SYS_gettid));
    static_cast<void>(::setpriority(PRIO_PROCESS, thread, 19));
    static_cast<void>(::syscall(SYS_ioprio_set, whose_process, 0, idle_class));
}

}  // namespace sb::platform
