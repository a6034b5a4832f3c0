#pragma once
// Time as the engine sees it. Real: daemon/platform. Fake: tests/support, a clock moved by
// hand, so that a year takes seconds.

#include "common/time.hpp"
#include "daemon/async/task.hpp"

namespace sb::ports {

class Time {
public:
    virtual ~Time() = default;

    virtual UtcTime now() const = 0;
    virtual SteadyTime steady_now() const = 0;
    /// A steady clock that also counts the time in which the machine sleeps, where the system has one. Of this boot: a
    /// restarted daemon continues with the same clock. Not comparable with steady_now().
    virtual SteadyTime boot_now() const { return steady_now(); }
    /// Returns at `when`, or throws boost::system::system_error(operation_aborted) when cancelled.
    virtual task<void> sleep_until(SteadyTime when) = 0;
};

}  // namespace sb::ports
