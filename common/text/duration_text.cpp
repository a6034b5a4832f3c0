#include "common/text/duration_text.hpp"

#include "common/text/ascii.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace sb {
namespace {

enum class Unit { minute, hour, day, week, month, year };

struct UnitWord {
    std::string_view word;
    Unit unit;
};

constexpr std::array unit_words{
    UnitWord{"min", Unit::minute},     UnitWord{"mins", Unit::minute}, UnitWord{"minute", Unit::minute},
    UnitWord{"minutes", Unit::minute}, UnitWord{"h", Unit::hour},      UnitWord{"hr", Unit::hour},
    UnitWord{"hrs", Unit::hour},       UnitWord{"hour", Unit::hour},   UnitWord{"hours", Unit::hour},
    UnitWord{"d", Unit::day},          UnitWord{"day", Unit::day},     UnitWord{"days", Unit::day},
    UnitWord{"w", Unit::week},         UnitWord{"wk", Unit::week},     UnitWord{"wks", Unit::week},
    UnitWord{"week", Unit::week},      UnitWord{"weeks", Unit::week},  UnitWord{"mo", Unit::month},
    UnitWord{"mos", Unit::month},      UnitWord{"month", Unit::month}, UnitWord{"months", Unit::month},
    UnitWord{"y", Unit::year},         UnitWord{"yr", Unit::year},     UnitWord{"yrs", Unit::year},
    UnitWord{"year", Unit::year},      UnitWord{"years", Unit::year},
};

constexpr std::int64_t minutes_per_day = 24 * 60;
constexpr std::int64_t max_days = 100 * 365;

bool is_space(char c) { return c == ' ' || c == '\t'; }

Error bad_duration(std::string what) { return Error{Errc::invalid_params, std::move(what)}; }

/// Walks over "number unit number unit …".
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool at_end() {
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
        return rest_.empty();
    }

    template <class Belongs>
    std::string take_while(Belongs belongs) {
        at_end();
        std::string taken;
        while (!rest_.empty() && belongs(rest_.front())) {
            taken += lower(rest_.front());
            rest_.remove_prefix(1);
        }
        return taken;
    }

    char next() { return at_end() ? '\0' : rest_.front(); }

private:
    std::string_view rest_;
};

std::optional<Unit> unit_of(std::string_view word) {
    for (auto const& known : unit_words) {
        if (known.word == word) return known.unit;
    }
    return std::nullopt;
}

Error unknown_unit(std::string const& word) {
    if (word == "m") return bad_duration("'m' could mean minutes or months: write 'min' or 'mo'");
    if (word == "s" || word == "sec" || word == "secs" || word == "second" || word == "seconds") {
        return bad_duration("seconds are not supported here");
    }
    return bad_duration("'" + word + "' is not a unit");
}

void append(std::string& text, std::int64_t count, std::string_view unit) {
    if (count == 0) return;
    if (!text.empty()) text += ' ';
    text += std::to_string(count);
    text += ' ';
    text += unit;
    if (count != 1) text += 's';
}

}  // namespace

Result<CivilDuration> parse_duration(std::string_view text) {
    Scanner scan(text);
    if (scan.at_end()) return bad_duration("it is empty");
    std::int64_t days = 0;
    std::int64_t minutes = 0;
    std::array<bool, 6> seen{};
    while (!scan.at_end()) {
        if (scan.next() == '-') return bad_duration("a duration cannot be negative");
        std::string const digits = scan.take_while(is_digit);
        if (digits.empty()) return bad_duration("a number is missing");
        if (scan.next() == '.' || scan.next() == ',') return bad_duration("only whole numbers are allowed");
        // Nine digits fit any sum below; more are beyond the limit anyway.
        if (digits.find_first_not_of('0') != std::string::npos && digits.size() - digits.find_first_not_of('0') > 9) {
            return bad_duration("it is longer than 100 years");
        }
        std::int64_t const count =
            digits.size() > 9 ? std::stoll(digits.substr(digits.size() - 9)) : std::stoll(digits);
        std::string const word = scan.take_while(is_letter);
        if (word.empty()) return bad_duration("a unit is missing after " + digits);
        auto const unit = unit_of(word);
        if (!unit) return unknown_unit(word);
        if (seen[static_cast<std::size_t>(*unit)]) return bad_duration("the unit '" + word + "' appears twice");
        seen[static_cast<std::size_t>(*unit)] = true;
        switch (*unit) {
            case Unit::minute: minutes += count; break;
            case Unit::hour: minutes += count * 60; break;
            case Unit::day: days += count; break;
            case Unit::week: days += count * 7; break;
            case Unit::month: days += count * 30; break;
            case Unit::year: days += count * 365; break;
        }
    }
    if (days == 0 && minutes == 0) return bad_duration("a duration must be longer than zero");
    if (days + minutes / minutes_per_day > max_days) return bad_duration("it is longer than 100 years");
    return CivilDuration{static_cast<int>(days), std::chrono::minutes{minutes}};
}

std::string duration_text(CivilDuration const& duration) {
    std::string text;
    append(text, duration.days, "day");
    auto const seconds = duration.rest.count();
    append(text, seconds / 3600, "hour");
    append(text, seconds / 60 % 60, "minute");
    append(text, seconds % 60, "second");
    return text.empty() ? "0 minutes" : text;
}

std::string duration_text(std::chrono::seconds length) {
    if (length == std::chrono::seconds::zero()) return "0 seconds";
    if (length < std::chrono::seconds::zero()) return "-" + duration_text(-length);
    auto const days = length.count() / 86400;
    std::string text;
    append(text, days, "day");
    std::string const rest = duration_text(CivilDuration{0, std::chrono::seconds{length.count() - days * 86400}});
    if (length.count() % 86400 == 0) return text;
    return text.empty() ? rest : text + ' ' + rest;
}

std::string length_text(Milliseconds length) {
    using namespace std::chrono;
    if (length >= hours{1}) return duration_text(seconds{floor<minutes>(length)});
    if (length > Milliseconds::zero() && length < seconds{1}) return std::to_string(length.count()) + " ms";
    return duration_text(floor<seconds>(length));
}

}  // namespace sb
