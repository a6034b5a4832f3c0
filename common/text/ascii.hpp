#pragma once
// Characters of ASCII, whatever the locale says.

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace sb {

/// The digit of the lowest four bits.
template <std::integral Number>
constexpr char hex_digit(Number value) {
    return "0123456789abcdef"[static_cast<unsigned>(value) & 15U];
}
template <std::integral Number>
constexpr char upper_hex_digit(Number value) {
    return "0123456789ABCDEF"[static_cast<unsigned>(value) & 15U];
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// -1 if it is not a hexadecimal digit.
constexpr int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    char const low = lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// Other bytes stay as they are.
inline std::string lower(std::string_view text) {
    std::string low(text);
    for (char& c : low) c = lower(c);
    return low;
}
inline std::string upper(std::string_view text) {
    std::string high(text);
    for (char& c : high) c = upper(c);
    return high;
}

/// Without the `spaces` at both ends.
constexpr std::string_view trimmed(std::string_view text, std::string_view spaces = " \t") {
    auto const first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}
inline constexpr std::string_view spaces_and_line_ends = " \t\r\n";

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}
constexpr bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && equal_ignoring_case(text.substr(text.size() - end.size()), end);
}

}  // namespace sb
