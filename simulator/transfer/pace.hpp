#pragma once
// How fast a transfer seems to go: counts what was moved, reports progress to the listener, waits so that the
// transfer takes the time it should, and lets the percent-bound faults happen.

#include "simulator/transfer/outcome.hpp"

#include <chrono>
#include <cstdint>

namespace sb::sim {

/// Writes messages to the pipe; knows when nobody reads it any more.
class Reporter {
public:
    explicit Reporter(int fd) : fd_(fd) {}

    bool tell(WorkerMessage const& message);
    bool listener_gone() const { return gone_; }
    /// Returns only when the reading end of the pipe is closed.
    void wait_for_listener_to_go();

private:
    int fd_;
    bool gone_ = false;
};

class Pace {
public:
    /// Percent 0 is told at once. `duration_ms` counts from here.
    Pace(Reporter& reporter, std::uint32_t duration_ms, TransferFaults const& faults);

    /// First report; makes the faults at 0 percent happen.
    Outcome<void> begin(std::uint64_t total_bytes);
    /// `bytes` more of the total were moved. Waits when that is ahead of time.
    Outcome<void> moved(std::uint64_t bytes);
    /// All data is there; only small things follow. Reports 98 percent at the most.
    Outcome<void> data_complete();
    /// Waits out the rest of the time. Percent 99 at the most: Done stands for the last one.
    Outcome<void> finish();

    std::uint64_t bytes() const { return bytes_; }
    std::uint32_t elapsed_ms() const;

private:
    using Clock = std::chrono::steady_clock;

    double time_fraction() const;
    Outcome<void> wait_until(double fraction);
    Outcome<void> report(int percent);

    Reporter& reporter_;
    TransferFaults const& faults_;
    Clock::time_point const start_ = Clock::now();
    std::chrono::milliseconds const duration_;
    std::uint64_t total_ = 0;
    std::uint64_t bytes_ = 0;
    int told_ = -1;
};

}  // namespace sb::sim
