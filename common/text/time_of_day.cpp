#include "common/text/time_of_day.hpp"

#include "common/text/ascii.hpp"

#include <optional>

namespace sb {
namespace {

Error bad_time(std::string what) { return Error{Errc::invalid_params, std::move(what)}; }

/// One or two digits from the front of `rest`.
std::optional<int> take_number(std::string_view& rest) {
    int number = 0;
    std::size_t length = 0;
    while (length < rest.size() && is_digit(rest[length])) {
        if (length == 2) return std::nullopt;
        number = number * 10 + (rest[length] - '0');
        ++length;
    }
    if (length == 0) return std::nullopt;
    rest.remove_prefix(length);
    return number;
}

}  // namespace

Result<TimeOfDay> parse_time_of_day(std::string_view text) {
    // Spaces are allowed around the parts, never inside a number: '1 7:00' is a slip, not 17:00.
    std::string compact;
    bool space_before = false;
    for (char const c : text) {
        if (c == ' ' || c == '\t') {
            space_before = true;
            continue;
        }
        if (space_before && !compact.empty() && is_digit(compact.back()) && is_digit(c)) {
            return bad_time("two numbers without a colon between them");
        }
        space_before = false;
        compact += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (compact.empty()) return bad_time("it is empty");

    std::string_view rest = compact;
    auto const hour = take_number(rest);
    if (!hour) return bad_time("it is not a time of day");
    std::optional<int> minute;
    if (rest.starts_with(':')) {
        rest.remove_prefix(1);
        auto const two_digits = rest.size() >= 2 && is_digit(rest[0]) && is_digit(rest[1]);
        minute = two_digits ? take_number(rest) : std::nullopt;
        if (!minute) return bad_time("two digits must follow the colon");
        if (*minute > 59) return bad_time("minutes go from 00 to 59");
        if (rest.starts_with(':')) return bad_time("seconds are not allowed");
    }
    bool const am = rest == "am" || rest == "a.m.";
    bool const pm = rest == "pm" || rest == "p.m.";
    if (!rest.empty() && !am && !pm) return bad_time("it is not a time of day");
    if (am || pm) {
        if (*hour < 1 || *hour > 12) return bad_time("with AM or PM, hours go from 1 to 12");
        return TimeOfDay{(*hour % 12 + (pm ? 12 : 0)) * 60 + minute.value_or(0)};
    }
    if (!minute) return bad_time("the minutes, or AM or PM, are missing");
    if (*hour == 24 && *minute == 0) return bad_time("midnight is written '0:00' or '12 AM'");
    if (*hour > 23) return bad_time("hours go from 0 to 23");
    return TimeOfDay{*hour * 60 + *minute};
}

std::string time_of_day_text(TimeOfDay time) {
    auto const two_digits = [](long long number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return two_digits(time.count() / 60) + ':' + two_digits(time.count() % 60);
}

}  // namespace sb
