#include "daemon/platform/real_time.hpp"

#include <time.h>

#include <cstdint>

namespace sb::platform {

SteadyTime RealTime::boot_now() const {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return SteadyTime{Milliseconds{std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000}};
}

}  // namespace sb::platform
