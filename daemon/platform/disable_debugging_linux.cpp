#include "daemon/platform/disable_debugging.hpp"

#include <sys/prctl.h>

namespace sb::platform {

void disable_debugging() { ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

}  // namespace sb::platform
