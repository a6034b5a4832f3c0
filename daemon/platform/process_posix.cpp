#include "daemon/platform/process.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>

namespace sb::platform {

int process_id() { return ::getpid(); }
std::uint32_t user_id() { return ::geteuid(); }

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown host";
    return name.data();
}

void open_standard_descriptors() {
    // For reading only: writing fails as on a closed descriptor, so that lost output does not look like success.
    int opened = 0;
    do opened = ::open("/dev/null", O_RDONLY);
    while (opened >= STDIN_FILENO && opened <= STDERR_FILENO);
    if (opened > STDERR_FILENO) ::close(opened);
}

void raise_file_limit() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

void no_core_dumps() {
    rlimit const none{};
    ::setrlimit(RLIMIT_CORE, &none);
    disable_debugging();  // the limit does not apply to dumps that are piped to a program
}

}  // namespace sb::platform
