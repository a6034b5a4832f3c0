#pragma once
// What the daemon does when an exception leaves its event loop: out of memory, where no coroutine could catch it. The
// connection or task that threw is lost and the rest continues; if it happens too often, the process ends, so that the
// service manager starts it again.
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
