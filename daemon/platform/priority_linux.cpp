#include "daemon/platform/priority.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sb::platform {
namespace {

// From the kernel's linux/ioprio.h, which older systems do not install.
constexpr int whose_process = 1;
constexpr int idle_class = 3 << 13;

}  // namespace

void give_way_to_others() {
    auto const thread = static_cast<id_t>(::syscall(SYS_gettid));
    static_cast<void>(
        ::setpriority(PRIO_PROCESS, thread, 19));  // of this thread alone: Linux counts threads as processes here
    static_cast<void>(::syscall(SYS_ioprio_set, whose_process, 0, idle_class));
}

}  // namespace sb::platform
