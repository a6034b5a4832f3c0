#pragma once
// What becomes of the daemon when an exception leaves its event loop: a want of memory where no coroutine could catch
// it. What it belonged to is gone, the rest continues; but one that comes again and again is a reason to start anew.
// Pure: the time is passed in.

#include <chrono>
#include <cstddef>

namespace sb::app {

class LoopFailures {
public:
    using Time = std::chrono::steady_clock::time_point;

    struct Verdict {
        bool has_line = true;   ///< in the log: the first few of each minute have one
        bool gives_up = false;  ///< the process should end, for the service manager to start it again
    };
    Verdict note(Time now);

    static constexpr std::size_t lines_a_minute = 10, most_a_minute = 1000;

private:
    Time since_{};  ///< the begin of its minute
    std::size_t count_ = 0;
};

}  // namespace sb::app
