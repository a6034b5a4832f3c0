#include "common/text/one_line.hpp"

#include "common/text/utf8.hpp"

#include <algorithm>

namespace sb {
namespace {

/// LF, CR, tab, the other two of ASCII, NEL, LINE SEPARATOR and PARAGRAPH SEPARATOR.
bool ends_a_line(char32_t c) { return (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0x2028 || c == 0x2029; }

bool reverses_text(char32_t c) { return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069); }

}  // namespace

std::string one_line(std::string_view text, std::size_t most) {
    std::string line;
    while (!text.empty()) {
        auto const point = first_code_point(text);
        std::size_t const taken = text.starts_with("\r\n") ? 2 : std::max<std::size_t>(point.bytes, 1);
        auto shown = text.substr(0, taken);
        if (point.bytes == 0) shown = replacement_character;
        else if (ends_a_line(point.value)) shown = " ";
        else if (is_control(point.value) || reverses_text(point.value)) shown = replacement_character;
        if (line.size() + shown.size() > most) return line + " …";
        line += shown;
        text.remove_prefix(taken);
    }
    return line;
}

}  // namespace sb
