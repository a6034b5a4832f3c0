#pragma once
// From bytes over time to a rate and the time that is left. Pure; the clock is passed in.

#include "ctl/progress.hpp"

namespace sb::ctl {

/// Watches one transfer. The pace is that of the last quarter of a minute, so that it follows a line that gets slower.
class Throughput {
public:
    void observe(SteadyTime now, std::uint64_t done);
    Forecast forecast(SteadyTime now, std::uint64_t total) const;

private:
    struct Sample {
        SteadyTime at;
        std::uint64_t done;
    };
    std::deque<Sample> samples_;
};

}  // namespace sb::ctl
