#pragma once
// Characters of ASCII, whatever the locale says.

#include <concepts>
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

}  // namespace sb
