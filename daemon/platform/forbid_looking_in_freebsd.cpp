#include "daemon/platform/forbid_looking_in.hpp"

#include <sys/procctl.h>
#include <unistd.h>

namespace sb::platform {

void forbid_looking_in() {
    int disable = PROC_TRACE_CTL_DISABLE;
    ::procctl(P_PID, ::getpid(), PROC_TRACE_CTL, &disable);
}

}  // namespace sb::platform
