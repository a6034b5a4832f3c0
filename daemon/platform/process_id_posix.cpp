#include "daemon/platform/process_id.hpp"

#include <unistd.h>

namespace sb::platform {

int process_id() { return ::getpid(); }
std::uint32_t user_id() { return ::geteuid(); }

}  // namespace sb::platform
