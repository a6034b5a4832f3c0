#include "daemon/core/landing.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"

#include <algorithm>

namespace sb::core {
namespace {

constexpr std::string_view landing_marker = ".exporting-";

/// As much of the name as the suffix, which is ASCII, leaves space for.
std::string with_suffix(std::string_view name, std::string_view suffix) {
    std::size_t bytes = suffix.size();
    std::size_t utf16_units = suffix.size();
    std::size_t kept = 0;
    while (kept < name.size()) {
        auto const point = first_code_point(name.substr(kept));
        auto const length = std::max<std::size_t>(point.bytes, 1);
        bytes += length;
        utf16_units += point.value > 0xffff ? 2 : 1;
        if (bytes > max_folder_bytes || utf16_units > max_folder_utf16) break;
        kept += length;
    }
    std::string result(name.substr(0, kept));
    result += suffix;
    return result;
}

}  // namespace

std::string landing_folder(std::string_view backup, std::string_view attempt) {
    std::string suffix(landing_marker);
    suffix += attempt;
    return with_suffix(backup, suffix);
}

bool is_landing_folder(std::string_view folder) { return !attempt_of(folder).empty(); }

std::string attempt_of(std::string_view folder) {
    constexpr auto length = landing_marker.size() + attempt_digits;
    if (folder.size() < length) return {};
    auto const end = folder.substr(folder.size() - length);
    auto const digits = end.substr(landing_marker.size());
    bool const is_one = equal_ignoring_case(end.substr(0, landing_marker.size()), landing_marker) &&
                        std::ranges::all_of(digits, [](char c) { return hex_value(c) >= 0; });
    return is_one ? lower(digits) : std::string();
}

std::string numbered_name(std::string_view backup, unsigned number) {
    if (number <= 1) return std::string(backup);
    return with_suffix(backup, " (" + std::to_string(number) + ")");
}

}  // namespace sb::core
