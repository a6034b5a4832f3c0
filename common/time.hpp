#pragma once
// Points in time. UTC everywhere inside; civil time only where a person reads or wrote it.

#include "common/error.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace sb {

using Milliseconds = std::chrono::milliseconds;

/// A moment of the wall clock, UTC, in milliseconds. It can jump; never measure lengths with it.
using UtcTime = std::chrono::sys_time<Milliseconds>;

/// A moment of the clock that only goes forward (its origin means nothing). For time limits and rates.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Milliseconds>;

/// "2026-11-23T05:04:01+01:00": RFC 3339, whole seconds, with the given offset from UTC.
std::string format_rfc3339(UtcTime time, std::chrono::minutes offset = std::chrono::minutes{0});

/// Reads RFC 3339 ("Z" or a numeric offset, fractions allowed), years 1 to 9998. The error says what is wrong.
Result<UtcTime> parse_rfc3339(std::string_view text);

}  // namespace sb
