#pragma once
// Sleeps until a wall clock time or until poked. In short intervals, so that a clock change or a suspend cannot delay
// it by more than one of them.

#include "daemon/async/task.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>

namespace sb::engine {

class WakeUp {
public:
    WakeUp(asio::any_io_executor executor, ports::Time& time, Milliseconds max_sleep)
        : time_(time), max_sleep_(max_sleep), poked_(executor, asio::steady_timer::time_point::max()) {}

    /// Returns when the wall clock reaches `when`, when poke() is called or was called since the last wait, or when the
    /// clock was set back (`when` may then be far away). Without `when`, for the last two only.
    task<void> wait_until(std::optional<UtcTime> when);
    void poke();

private:
    task<void> sleep(SteadyTime until);
    task<void> wait_for_poke();

    ports::Time& time_;
    Milliseconds max_sleep_;
    asio::steady_timer poked_;  ///< never expires: an event
    bool was_poked_ = false;
};

}  // namespace sb::engine
