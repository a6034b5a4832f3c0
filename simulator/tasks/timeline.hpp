#pragma once
// Future events of the cluster and their times. Pure: the caller watches the clock and calls run_due().

#include "common/time.hpp"

#include <functional>
#include <map>
#include <optional>

namespace sb::sim {

class Timeline {
public:
    using Clock = std::function<SteadyTime()>;
    using Event = std::function<void()>;

    /// `scale` 10 makes everything ten times as fast.
    explicit Timeline(Clock clock, double scale = 1.0) : clock_(std::move(clock)), scale_(scale) {}

    /// Events with the same time run in the order in which they were added.
    void after(Milliseconds delay, Event event);
    /// A real delay, shortened by the scale.
    Milliseconds scaled(Milliseconds delay) const;
    std::optional<SteadyTime> next() const;
    /// Runs the due events; events may add further events.
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
