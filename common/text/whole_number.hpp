#pragma once
// A whole number in a text that people or other programs wrote.

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace sb {

/// Digits only (after a '-' if Number has a sign), the whole text, within the range of Number.
template <class Number>
std::optional<Number> whole_number(std::string_view text) {
    Number number{};
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace sb
