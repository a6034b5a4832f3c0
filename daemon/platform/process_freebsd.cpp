#include "daemon/platform/process.hpp"

#include "common/text/ascii.hpp"

#include <sys/types.h>
#include <sys/procctl.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include <array>
#include <cstddef>

namespace sb::platform {

std::string boot_id() {
    std::array<unsigned char, 64> bytes{};
    std::size_t size = bytes.size();
    if (::sysctlbyname("kern.boot_id", bytes.data(), &size, nullptr, 0) != 0) return {};
    std::string id;
    for (std::size_t i = 0; i < size; ++i) {
        id += hex_digit(bytes[i] >> 4U);
        id += hex_digit(bytes[i]);
    }
    return id;
}

void disable_debugging() {
    int disable = PROC_TRACE_CTL_DISABLE;
    ::procctl(P_PID, ::getpid(), PROC_TRACE_CTL, &disable);
}

void keep_memory_small() {}  // jemalloc returns idle memory on its own

// RLIMIT_DATA does not count what jemalloc maps here, and RLIMIT_AS would count files and reserved addresses too.
void limit_memory(std::uint64_t) {}

// setpriority() would slow down the whole process here, the answers to clients included.
void use_idle_priority() {}

}  // namespace sb::platform
