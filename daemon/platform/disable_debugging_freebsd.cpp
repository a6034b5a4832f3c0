#include "daemon/platform/disable_debugging.hpp"

#include <sys/procctl.h>
#include <unistd.h>

namespace sb::platform {

void disable_debugging() {
    int disable = PROC_TRACE_CTL_DISABLE;
    ::procctl(P_PID, ::getpid(), PROC_TRACE_CTL, &disable);
}

}  // namespace sb::platform
