#include "common/config/invisible.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"

#include <algorithm>
#include <array>

namespace sb::config {
namespace {

/// Category Zs of Unicode, without U+0020.
bool is_other_space(char32_t c) {
    return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
}

struct Range {
    char32_t first = 0, last = 0;
};

/// What has no width and joins nothing visible: without the variation selectors, which belong to emoji.
constexpr std::array<Range, 11> invisible{{{0xAD, 0xAD},
                                           {0x34F, 0x34F},
                                           {0x61C, 0x61C},
                                           {0x180B, 0x180E},
                                           {0x200B, 0x200F},
                                           {0x202A, 0x202E},
                                           {0x2060, 0x206F},
                                           {0x3164, 0x3164},
                                           {0xFEFF, 0xFEFF},
                                           {0xFFF9, 0xFFFB},
                                           {0xE0000, 0xE007F}}};

bool is_invisible(char32_t c) {
    return std::ranges::any_of(invisible, [c](Range const& range) { return c >= range.first && c <= range.last; });
}

std::string code_of(char32_t c) {
    std::string digits;
    for (; c != 0 || digits.size() < 4; c >>= 4U)
        digits.insert(digits.begin(), upper_hex_digit(static_cast<unsigned>(c)));
    return "U+" + digits;
}

/// Calls visit(code point, its bytes) for each character; bytes that are not UTF-8 count as themselves.
template <class Visit>
void each_character(std::string_view text, Visit visit) {
    while (!text.empty()) {
        auto const point = first_code_point(text);
        auto const bytes = std::max<std::size_t>(point.bytes, 1);
        visit(point.bytes == 0 ? char32_t{'?'} : point.value, text.substr(0, bytes));
        text.remove_prefix(bytes);
    }
}

}  // namespace

std::string with_plain_spaces(std::string_view text) {
    std::string plain;
    each_character(text, [&plain](char32_t c, std::string_view bytes) {
        if (is_other_space(c)) plain += ' ';
        else if (!is_invisible(c)) plain += bytes;
    });
    return plain;
}

std::string unusual_character_in(std::string_view text) {
    std::string found;
    each_character(text, [&found](char32_t c, std::string_view) {
        if (!found.empty()) return;
        if (is_other_space(c)) found = code_of(c) + ", which looks like an ordinary space";
        else if (is_invisible(c)) found = code_of(c) + ", which is invisible";
    });
    return found;
}

}  // namespace sb::config
