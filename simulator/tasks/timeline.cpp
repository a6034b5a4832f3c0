#include "simulator/tasks/timeline.hpp"

#include <cmath>
#include <utility>

namespace sb::sim {

Milliseconds Timeline::scaled(Milliseconds delay) const {
    return Milliseconds(std::llround(static_cast<double>(delay.count()) / scale_));
}

void Timeline::after(Milliseconds delay, Event event) {
    events_.emplace(clock_() + scaled(delay), std::move(event));
    if (change_) change_();
}

std::optional<SteadyTime> Timeline::next() const {
    if (events_.empty()) return std::nullopt;
    return events_.begin()->first;
}

void Timeline::run_due() {
    SteadyTime const now = clock_();
    while (!events_.empty() && events_.begin()->first <= now) {
        auto event = std::move(events_.extract(events_.begin()).mapped());
        event();
    }
}

}  // namespace sb::sim
