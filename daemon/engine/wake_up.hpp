#pragma once
// Sleeping until a moment of the wall clock, or until somebody pokes. In short naps, so that a clock that was set or a
// suspend cannot make it late by more than one of them.

#include "daemon/async/task.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>

namespace sb::engine {

class WakeUp {
public:
    WakeUp(asio::any_io_executor executor, ports::Time& time, Milliseconds longest_nap)
        : time_(time), longest_nap_(longest_nap), poked_(executor, asio::steady_timer::time_point::max()) {}

    /// Comes back when the wall clock shows `when` or later, when poke() is called, or was called since the last
    /// time, or when the clock was set back: `when` may be far away then. Without `when`, for these two only.
    task<void> wait_until(std::optional<UtcTime> when);
    void poke();

private:
    task<void> nap(SteadyTime until);
    task<void> wait_for_poke();

    ports::Time& time_;
    Milliseconds longest_nap_;
    asio::steady_timer poked_;  ///< never expires: an event
    bool was_poked_ = false;
};

}  // namespace sb::engine
