#include "daemon/platform/process_id.hpp"

#include <unistd.h>

namespace sb::platform {

int process_id() { return ::getpid(); }

}  // namespace sb::platform
