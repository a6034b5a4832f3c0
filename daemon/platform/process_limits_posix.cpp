#include "daemon/platform/process_limits.hpp"

#include "daemon/platform/disable_debugging.hpp"

#include <sys/resource.h>

namespace sb::platform {

void raise_file_limit() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

void no_core_dumps() {
    rlimit const none{};
    ::setrlimit(RLIMIT_CORE, &none);
    disable_debugging();  // the limit does not hold for dumps that are piped to a program
}

}  // namespace sb::platform
