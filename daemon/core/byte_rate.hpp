#pragma once
// A token bucket: how long to wait so that the read rate stays below a limit. Pure: time is passed in.

#include "common/time.hpp"

#include <cstdint>
#include <optional>

namespace sb::core {

class ByteRate {
public:
    /// Nothing = no limit.
    explicit ByteRate(std::optional<std::uint64_t> bytes_per_second) : limit_(bytes_per_second) {}

    /// Sets a new limit; bytes already taken still count.
    void set_limit(std::optional<std::uint64_t> bytes_per_second) { limit_ = bytes_per_second; }
    /// Records that `bytes` were read now; returns how long to wait before the next read.
    Milliseconds take(std::uint64_t bytes, SteadyTime now);
    /// How much to read at a time: about a quarter of a second's worth.
    std::uint64_t slice() const;

private:
    std::optional<std::uint64_t> limit_;
    SteadyTime paid_until_{};  ///< from then on the bytes read so far are within the limit
};

}  // namespace sb::core
