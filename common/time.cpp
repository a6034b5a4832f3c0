#include "common/time.hpp"

#include <array>
#include <cstdio>
#include <optional>

namespace sb {
namespace {

/// Reads exactly `digits` decimal digits at the front of `text` and takes them off.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (char const c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take_char(std::string_view& text, std::string_view allowed) {
    if (text.empty() || allowed.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

Error not_a_time(std::string_view text) {
    return {Errc::malformed, "'" + std::string(text) + "' is not an RFC 3339 time such as 2026-11-23T05:04:01+01:00"};
}

/// The offset after the time of day: "Z" or "+hh:mm".
std::optional<std::chrono::minutes> take_offset(std::string_view& rest) {
    if (take_char(rest, "Zz")) return std::chrono::minutes{0};
    if (rest.empty() || (rest.front() != '+' && rest.front() != '-')) return std::nullopt;
    int const sign = rest.front() == '-' ? -1 : 1;
    rest.remove_prefix(1);
    auto const hours = take_number(rest, 2);
    if (!hours || !take_char(rest, ":")) return std::nullopt;
    auto const minutes = take_number(rest, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    return std::chrono::minutes{sign * (*hours * 60 + *minutes)};
}

}  // namespace

std::string format_rfc3339(UtcTime time, std::chrono::minutes offset) {
    using namespace std::chrono;
    auto const local = floor<seconds>(time) + offset;
    auto const day = floor<days>(local);
    year_month_day const date{day};
    hh_mm_ss const clock{local - day};
    auto const away = offset < minutes{0} ? -offset : offset;
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d%c%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), offset < minutes{0} ? '-' : '+',
                  static_cast<int>(away.count() / 60), static_cast<int>(away.count() % 60));
    return text.data();
}

Result<UtcTime> parse_rfc3339(std::string_view text) {
    using namespace std::chrono;
    auto rest = text;
    auto const y = take_number(rest, 4);
    if (!y || !take_char(rest, "-")) return not_a_time(text);
    auto const m = take_number(rest, 2);
    if (!m || !take_char(rest, "-")) return not_a_time(text);
    auto const d = take_number(rest, 2);
    if (!d || !take_char(rest, "Tt ")) return not_a_time(text);
    auto const hour = take_number(rest, 2);
    if (!hour || !take_char(rest, ":")) return not_a_time(text);
    auto const minute = take_number(rest, 2);
    if (!minute || !take_char(rest, ":")) return not_a_time(text);
    auto const second = take_number(rest, 2);
    if (!second) return not_a_time(text);

    Milliseconds fraction{0};
    if (take_char(rest, ".")) {
        int scale = 100;
        bool any = false;
        while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
            fraction += Milliseconds{(rest.front() - '0') * scale};
            scale /= 10;
            any = true;
            rest.remove_prefix(1);
        }
        if (!any) return not_a_time(text);
    }
    auto const offset = take_offset(rest);
    year_month_day const date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
    bool const sane = date.ok() && *hour < 24 && *minute < 60 && *second <= 60;  // 60: a leap second
    if (!offset || !rest.empty() || !sane) return not_a_time(text);
    UtcTime const moment{sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second} + fraction - *offset};
    // A year needs four digits in every zone, or it could not be written again.
    year const utc_year = year_month_day{floor<days>(moment)}.year();
    if (utc_year < year{1} || utc_year > year{9998})
        return Error{Errc::malformed, "'" + std::string(text) + "' is outside the years 1 to 9998"};
    return moment;
}

}  // namespace sb
