#pragma once
// From percent, or bytes, over time to a rate and the time that is left. Pure; the clock is passed in.

#include "common/time.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace sb::ctl {

struct Forecast {
    std::optional<std::uint64_t> bytes_per_second;  ///< nothing while the size or the rate is unknown
    std::optional<std::chrono::seconds> left;
};

/// Watches one job's percent. The rate is that of the last minute, so that it follows a cluster that gets slower; time
/// spent at 0 % (the cluster's own queue) is dropped as soon as there is a better measurement.
class ProgressMeter {
public:
    /// To be called whenever the percent is reported, also when it did not change. A percent that goes back restarts
    /// the measurement.
    void observe(SteadyTime now, int percent);

    /// `expected_bytes` is what 100 % stands for; 0 = unknown.
    Forecast forecast(SteadyTime now, std::uint64_t expected_bytes) const;

private:
    struct Sample {
        SteadyTime at;
        int percent;
    };
    std::optional<double> percent_per_second(SteadyTime now) const;

    std::deque<Sample> samples_;  ///< when each percent was first seen
};

/// Watches one transfer. The rate is that of the last 15 seconds, so that it follows a line that gets slower.
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
