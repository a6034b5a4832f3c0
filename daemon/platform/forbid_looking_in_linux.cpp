#include "daemon/platform/forbid_looking_in.hpp"

#include <sys/prctl.h>

namespace sb::platform {

void forbid_looking_in() { ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

}  // namespace sb::platform
