#pragma once
// Durations as people write and read them: '7 days', '1 day 12 hours', '90 minutes', '7d'.
// The configuration is read with it, and both programs print with it.

#include "common/civil.hpp"
#include "common/error.hpp"
#include "common/time.hpp"

#include <string>
#include <string_view>

namespace sb {

/// What parse_duration accepts, for error messages.
inline constexpr std::string_view duration_forms =
    "a number and a unit, as in '7 days', '1 day 12 hours', '90 minutes', '2 weeks' or '7d'; units are minute, hour, "
    "day, week, month (30 days) and year (365 days)";

/// Reads a duration. Case and spaces do not matter. Longer than zero and at most 100 years;
/// days, weeks, months and years stay calendar days, hours and minutes stay exact. Errors are Errc::invalid_params
/// and say what is wrong, not what is allowed (that is duration_forms).
Result<CivilDuration> parse_duration(std::string_view text);

/// "1 day 12 hours"; parse_duration reads it back (except seconds, which only duration_text writes).
std::string duration_text(CivilDuration const& duration);

/// "2 days 3 hours", "4 minutes 5 seconds", "0 seconds": every part that is not zero. A day is 24 hours here.
std::string duration_text(std::chrono::seconds length);

/// "2 hours 5 minutes", "4 minutes 5 seconds", "400 ms": to the minute from an hour on, to the second below, and a part
/// of a second exactly.
std::string length_text(Milliseconds length);

}  // namespace sb
