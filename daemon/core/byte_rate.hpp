#pragma once
// A token bucket: how long to wait so that not more than so many bytes a second are read. Pure: time is passed in.

#include "common/time.hpp"

#include <cstdint>
#include <optional>

namespace sb::core {

class ByteRate {
public:
    /// Nothing = no limit.
    explicit ByteRate(std::optional<std::uint64_t> bytes_per_second) : limit_(bytes_per_second) {}

    /// A new limit; what was taken stays taken.
    void set_limit(std::optional<std::uint64_t> bytes_per_second) { limit_ = bytes_per_second; }
    /// So many bytes were read now. How long to wait before the next read.
    Milliseconds take(std::uint64_t bytes, SteadyTime now);
    /// How much to read at once: about a quarter of a second's worth.
    std::uint64_t slice() const;

private:
    std::optional<std::uint64_t> limit_;
    SteadyTime paid_until_{};  ///< what was read up to now is in order from then on
};

}  // namespace sb::core
