#pragma once
// Times of day as people write them: '5:00 PM', '5 PM', '17:00', '5:00pm'.

#include "common/civil.hpp"
#include "common/error.hpp"

#include <string>
#include <string_view>

namespace sb {

/// What parse_time_of_day accepts, for error messages.
inline constexpr std::string_view time_of_day_forms = "a time of day such as '5:00 PM', '5 PM' or '17:00'";

/// Reads a time of day; spaces and case do not matter. Errors are Errc::invalid_params and say what is wrong.
Result<TimeOfDay> parse_time_of_day(std::string_view text);

/// "17:00".
std::string time_of_day_text(TimeOfDay time);

}  // namespace sb
