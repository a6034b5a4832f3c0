#pragma once
// What will happen in the cluster, and when. Pure: somebody outside watches the clock and calls run_due().

#include "common/time.hpp"

#include <functional>
#include <map>
#include <optional>

namespace sb::sim {

class Timeline {
public:
    using Clock = std::function<SteadyTime()>;
    using Event = std::function<void()>;

    /// `scale` 10 lets everything happen ten times as fast.
    explicit Timeline(Clock clock, double scale = 1.0) : clock_(std::move(clock)), scale_(scale) {}

    /// Events of the same moment happen in the order in which they were entered.
    void after(Milliseconds delay, Event event);
    /// A real delay, shortened by the scale.
    Milliseconds scaled(Milliseconds delay) const;
    std::optional<SteadyTime> next() const;
    /// Lets happen what is due; events may enter more events.
    void run_due();
    /// Called whenever next() may have become earlier.
    void on_change(Event change) { change_ = std::move(change); }

private:
    Clock clock_;
    double scale_;
    std::multimap<SteadyTime, Event> events_;
    Event change_;
};

}  // namespace sb::sim
