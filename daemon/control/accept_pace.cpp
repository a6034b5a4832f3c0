#include "daemon/control/accept_pace.hpp"

#include <algorithm>

namespace sb::control {

AcceptPace::Duration AcceptPace::next_after(Time now) {
    using Seconds = std::chrono::duration<double>;
    auto const passed = at_ == Time() ? Seconds(0) : std::max(Seconds(now - at_), Seconds(0));
    used_ = std::max(used_ - passed.count() * terms_.per_second, 0.0) + 1;
    at_ = now;
    auto const surplus = used_ + 1 - terms_.in_a_row;
    if (surplus <= 0) return Duration::zero();
    return std::chrono::duration_cast<Duration>(Seconds(surplus / terms_.per_second));
}

}  // namespace sb::control
