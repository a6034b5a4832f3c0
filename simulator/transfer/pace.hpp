#pragma once
// The pace of a transfer: counts the bytes, reports progress, waits so that the transfer takes the requested time, and
// triggers the faults that are bound to a percentage.

#include "simulator/transfer/outcome.hpp"

#include <chrono>
#include <cstdint>

namespace sb::sim {

/// Writes messages to the pipe; detects when the reader is gone.
class Reporter {
public:
    explicit Reporter(int fd) : fd_(fd) {}

    bool send(WorkerMessage const& message);
    bool listener_gone() const { return gone_; }
    /// Returns only when the reading end of the pipe is closed.
    void wait_until_reader_is_gone();

private:
    int fd_;
    bool gone_ = false;
};

class Pace {
public:
    /// Reports 0 percent immediately. `duration_ms` counts from here.
    Pace(Reporter& reporter, std::uint32_t duration_ms, TransferFaults const& faults);

    /// First report; triggers the faults at 0 percent.
    Outcome<void> begin(std::uint64_t total_bytes);
    /// `bytes` more of the total were transferred. Waits if that is ahead of schedule.
    Outcome<void> moved(std::uint64_t bytes);
    /// All data was transferred; only small files follow. Reports at most 98 percent.
    Outcome<void> data_complete();
    /// Waits for the rest of the time. Reports at most 99 percent: Done is the last one.
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
