#include "common/text/rate_text.hpp"

#include "common/text/size_text.hpp"

#include <array>
#include <charconv>

namespace sb {
namespace {

struct RateUnit {
    std::string_view name;
    double bytes;
};
constexpr std::array<RateUnit, 6> rate_units{
    {{"kib", 1024.0}, {"mib", 1024.0 * 1024}, {"gib", 1024.0 * 1024 * 1024}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}}};

constexpr double min_rate = 64 * 1024;
constexpr double max_rate = 1e15;

Error bad_rate(std::string what) { return {Errc::invalid_config, std::move(what)}; }

std::string without_spaces(std::string_view text) {
    std::string lower;
    for (char const c : text)
        if (c != ' ') lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

}  // namespace

Result<Rate> parse_rate(std::string const& text) {
    auto const word = without_spaces(text);
    if (word == "unlimited") return Rate{};
    std::uint64_t number = 0;
    auto const [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (problem != std::errc()) return bad_rate("it does not start with a number");
    std::string_view unit(end, static_cast<std::size_t>(word.data() + word.size() - end));
    if (unit.ends_with("/s")) unit.remove_suffix(2);
    for (auto const& known : rate_units) {
        if (known.name != unit) continue;
        double const bytes = static_cast<double>(number) * known.bytes;
        if (!(bytes >= min_rate)) return bad_rate("it is below the minimum of 64 KiB/s");
        if (bytes > max_rate) return bad_rate("it is above the maximum; for no limit use 'unlimited'");
        return Rate{static_cast<std::uint64_t>(bytes)};
    }
    if (unit.starts_with('.') || unit.starts_with(','))
        return bad_rate("fractions are not allowed; use a whole number of a smaller unit");
    return bad_rate(unit.empty() ? "its unit is missing" : "it has an unknown unit");
}

std::string rate_text(Rate rate) {
    return rate.bytes_per_second ? size_text(*rate.bytes_per_second) + "/s" : "unlimited";
}

}  // namespace sb
