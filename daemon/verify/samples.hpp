#pragma once
// Whether a file can be read: its first MiB, its last, and some that chance selects among its data. Shows nothing about
// the content. A disk that fails does so in many places, so that samples find most failures; only a verification of the
// content reads every byte.

#include "common/error.hpp"
#include "daemon/platform/random_access.hpp"

#include <cstdint>
#include <functional>

namespace sb::verify {

inline constexpr std::uint64_t sample_bytes = 1u << 20;
inline constexpr int random_samples = 64;

/// A random number below `limit`, which is not 0.
using RandomBelow = std::function<std::uint64_t(std::uint64_t limit)>;

/// By the system's source of randomness.
std::uint64_t random_below(std::uint64_t limit);

/// Reads the samples; all of a file that is not larger than they are. Errors as RandomAccess::read().
Result<void> read_samples(platform::RandomAccess const& file, RandomBelow const& random);

}  // namespace sb::verify
