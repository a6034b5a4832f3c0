#include "daemon/platform/real_time.hpp"

#include <time.h>

#include <cstdint>

namespace sb::platform {

// Up to FreeBSD 14 no steady clock counts sleep; of those that exist, this is the one that is meant to. Until then the
// end of a sleep looks like a step of the wall clock, which the cluster's clock soon explains.
SteadyTime RealTime::boot_now() const {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return SteadyTime{Milliseconds{std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000}};
}

}  // namespace sb::platform
