#include "daemon/platform/memory.hpp"

#include <malloc.h>

namespace sb::platform {

void keep_memory_small() {
#ifdef M_ARENA_MAX  // glibc; others have one heap anyway
    ::mallopt(M_ARENA_MAX, 1);
    ::mallopt(M_TRIM_THRESHOLD, 64 * 1024);
    ::mallopt(M_MMAP_THRESHOLD, 64 * 1024);
#endif
}

}  // namespace sb::platform
