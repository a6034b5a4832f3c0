#include "daemon/platform/zone_info.hpp"

#include "common/text/ascii.hpp"
#include "common/zone.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace sb::platform {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view zones = "usr/share/zoneinfo";
constexpr std::string_view local_time = "etc/localtime";

/// They need no file.
bool is_utc(std::string_view name) {
    constexpr std::array<std::string_view, 6> names{"", "UTC", "UTC0", "GMT", "GMT0", "Etc/UTC"};
    return std::ranges::find(names, name) != names.end();
}

/// A rule of POSIX: a name and an offset, as in "CET-1CEST,M3.5.0,M10.5.0/3" or "<+03>-3".
bool is_rule(std::string_view text) {
    std::size_t at = 0;
    if (text.starts_with('<')) {
        at = text.find('>');
        if (at == text.npos || at < 4) return false;
        auto const in_name = [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-'; };
        if (!std::ranges::all_of(text.substr(1, at - 1), in_name)) return false;
        ++at;
    } else {
        while (at < text.size() && is_letter(text[at])) ++at;
        if (at < 3) return false;
    }
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    return at < text.size() && is_digit(text[at]);
}

bool is_file(fs::path const& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

/// The C library takes any other file for UTC.
bool is_zone_file(fs::path const& path) {
    if (!is_file(path)) return false;
    std::array<char, 4> begin{};
    std::ifstream(path, std::ios::binary).read(begin.data(), begin.size());
    return std::string_view(begin.data(), begin.size()) == "TZif";
}

/// "/usr/share/zoneinfo/Europe/Berlin" -> "Europe/Berlin"
std::string name_in(fs::path const& file) {
    constexpr std::string_view folder = "zoneinfo/";
    auto const text = file.string();
    auto const at = text.rfind(folder);
    return at == text.npos ? text : text.substr(at + folder.size());
}

std::string first_line(fs::path const& file) {
    std::string line;
    std::ifstream in(file);
    std::getline(in, line);
    return std::string(trimmed(line, spaces_and_line_ends));
}

ZoneInfo zone_of_machine(fs::path const& root) {
    auto const file = root / local_time;
    std::error_code failed;
    auto const target = fs::read_symlink(file, failed);
    bool const is_link = !failed;
    if (is_link && !is_file(file))
        return {name_in(target),
                {},
                "/etc/localtime is a link to '" + target.string() + "', which does not exist: all times are UTC"};
    if (is_link && !is_zone_file(file))
        return {name_in(target),
                {},
                "/etc/localtime is a link to '" + target.string() + "', which is not a time zone: all times are UTC"};
    if (is_link) return {name_in(target), {}, {}};
    if (!is_file(file)) return {"UTC", {}, {}};
    if (!is_zone_file(file)) return {"UTC", {}, "/etc/localtime is not a time zone: all times are UTC"};
    // A copy. Debian and FreeBSD keep the name of what was copied.
    for (auto const* note : {"etc/timezone", "var/db/zoneinfo"})
        if (auto name = first_line(root / note); !name.empty()) return {std::move(name), {}, {}};
    return {"/etc/localtime", {}, {}};
}

}  // namespace

ZoneInfo zone_named(std::optional<std::string> const& tz, fs::path const& root) {
    if (!tz) return zone_of_machine(root);
    std::string_view name = *tz;
    if (name.starts_with(':')) name.remove_prefix(1);
    if (is_utc(name)) return {"UTC", {}, {}};
    auto const file = name.starts_with('/') ? std::string(name) : "/" + std::string(zones) + "/" + std::string(name);
    auto const place = root / file.substr(1);
    if (is_zone_file(place) || is_rule(name)) return {std::string(name), {}, {}};
    auto const why = is_file(place) ? "the file '" + file + "' is not a time zone" : "there is no file '" + file + "'";
    return {std::string(name), {}, "TZ is '" + std::string(name) + "', but " + why + ": all times are UTC"};
}

ZoneInfo zone_info(UtcTime now) {
    char const* const value = std::getenv("TZ");
    auto zone = zone_named(value == nullptr ? std::nullopt : std::optional<std::string>(value), "/");
    zone.offset = local_offset(now);
    return zone;
}

std::string zone_text(ZoneInfo const& zone) {
    auto const two_digits = [](long long number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    auto const minutes = std::abs(zone.offset.count());
    return zone.name + " (UTC" + (zone.offset.count() < 0 ? "-" : "+") + two_digits(minutes / 60) + ":" +
           two_digits(minutes % 60) + ")";
}

}  // namespace sb::platform
