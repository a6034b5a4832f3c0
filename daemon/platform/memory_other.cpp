#include "daemon/platform/memory.hpp"

namespace sb::platform {

void keep_memory_small() {}  // jemalloc gives back what is idle by itself

}  // namespace sb::platform
