#pragma once
// How fast connections of users who may only read are accepted: some in a row, then so many a second. A storm of them
// waits in its own queue, and costs the event loop a few per cent. Pure: the time is passed in.

#include <chrono>

namespace sb::control {

class AcceptPace {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    struct Terms {
        double in_a_row = 100;
        double per_second = 200;
    };

    AcceptPace() = default;
    explicit AcceptPace(Terms terms) : terms_(terms) {}

    /// Counts a connection that has just been accepted. How long to wait before the next one; zero = not at all.
    Duration next_after(Time now);

private:
    Terms terms_{};
    double used_ = 0;  ///< connections, as of `at_`; they become less with time
    Time at_{};
};

}  // namespace sb::control
