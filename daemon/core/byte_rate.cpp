#include "daemon/core/byte_rate.hpp"

#include <algorithm>

namespace sb::core {

Milliseconds ByteRate::take(std::uint64_t bytes, SteadyTime now) {
    // Idle time is not saved up: a burst after an idle hour is what the limit prevents.
    paid_until_ = std::max(paid_until_, now);
    if (!limit_ || *limit_ == 0) return Milliseconds{0};
    auto const cost = static_cast<double>(bytes) * 1000.0 / static_cast<double>(*limit_);
    paid_until_ += Milliseconds{static_cast<Milliseconds::rep>(cost)};
    return paid_until_ - now;
}

std::uint64_t ByteRate::slice() const {
    constexpr std::uint64_t min_slice = 2u << 20;
    constexpr std::uint64_t max_slice = 64u << 20;
    return limit_ ? std::clamp(*limit_ / 4, min_slice, max_slice) : max_slice;
}

}  // namespace sb::core
