#include "ctl/render/display_width.hpp"

#include "common/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <span>

namespace sb::ctl {
namespace {

struct CodePoints {
    char32_t first;
    char32_t last;
};

// Unicode 15, general categories Mn, Me and Cf: the blocks that occur in names, not every single sign.
constexpr std::array zero_width{
    CodePoints{0x0300, 0x036F},   CodePoints{0x0483, 0x0489},   CodePoints{0x0591, 0x05BD},
    CodePoints{0x05BF, 0x05BF},   CodePoints{0x05C1, 0x05C2},   CodePoints{0x0610, 0x061A},
    CodePoints{0x064B, 0x065F},   CodePoints{0x0670, 0x0670},   CodePoints{0x06D6, 0x06DC},
    CodePoints{0x0900, 0x0902},   CodePoints{0x093C, 0x093C},   CodePoints{0x0941, 0x0948},
    CodePoints{0x094D, 0x094D},   CodePoints{0x0E31, 0x0E31},   CodePoints{0x0E34, 0x0E3A},
    CodePoints{0x0E47, 0x0E4E},   CodePoints{0x1AB0, 0x1AFF},   CodePoints{0x1DC0, 0x1DFF},
    CodePoints{0x200B, 0x200F},   CodePoints{0x202A, 0x202E},   CodePoints{0x2060, 0x2064},
    CodePoints{0x2066, 0x2069},   CodePoints{0x20D0, 0x20F0},   CodePoints{0x3099, 0x309A},
    CodePoints{0xFE00, 0xFE0F},   CodePoints{0xFE20, 0xFE2F},   CodePoints{0xFEFF, 0xFEFF},
    CodePoints{0x1F3FB, 0x1F3FF}, CodePoints{0xE0001, 0xE007F}, CodePoints{0xE0100, 0xE01EF},
};

// Unicode 15, East_Asian_Width W and F.
constexpr std::array double_width{
    CodePoints{0x1100, 0x115F},   CodePoints{0x231A, 0x231B},   CodePoints{0x2329, 0x232A},
    CodePoints{0x23E9, 0x23EC},   CodePoints{0x25FD, 0x25FE},   CodePoints{0x2614, 0x2615},
    CodePoints{0x2648, 0x2653},   CodePoints{0x26A1, 0x26A1},   CodePoints{0x26AA, 0x26AB},
    CodePoints{0x26BD, 0x26BE},   CodePoints{0x26C4, 0x26C5},   CodePoints{0x26D4, 0x26D4},
    CodePoints{0x2705, 0x2705},   CodePoints{0x270A, 0x270B},   CodePoints{0x2728, 0x2728},
    CodePoints{0x274C, 0x274C},   CodePoints{0x2753, 0x2755},   CodePoints{0x2757, 0x2757},
    CodePoints{0x2795, 0x2797},   CodePoints{0x2B1B, 0x2B1C},   CodePoints{0x2B50, 0x2B50},
    CodePoints{0x2E80, 0x303E},   CodePoints{0x3041, 0x33FF},   CodePoints{0x3400, 0x4DBF},
    CodePoints{0x4E00, 0xA4CF},   CodePoints{0xA960, 0xA97F},   CodePoints{0xAC00, 0xD7A3},
    CodePoints{0xF900, 0xFAFF},   CodePoints{0xFE30, 0xFE6F},   CodePoints{0xFF01, 0xFF60},
    CodePoints{0xFFE0, 0xFFE6},   CodePoints{0x16FE0, 0x18CFF}, CodePoints{0x1B000, 0x1B2FF},
    CodePoints{0x1F004, 0x1F004}, CodePoints{0x1F0CF, 0x1F0CF}, CodePoints{0x1F18E, 0x1F18E},
    CodePoints{0x1F191, 0x1F19A}, CodePoints{0x1F200, 0x1F320}, CodePoints{0x1F32D, 0x1F335},
    CodePoints{0x1F337, 0x1F37C}, CodePoints{0x1F37E, 0x1F393}, CodePoints{0x1F3A0, 0x1F3CA},
    CodePoints{0x1F3E0, 0x1F3F0}, CodePoints{0x1F400, 0x1F43E}, CodePoints{0x1F440, 0x1F440},
    CodePoints{0x1F442, 0x1F4FC}, CodePoints{0x1F4FF, 0x1F53D}, CodePoints{0x1F550, 0x1F567},
    CodePoints{0x1F5FB, 0x1F64F}, CodePoints{0x1F680, 0x1F6C5}, CodePoints{0x1F6D5, 0x1F6D7},
    CodePoints{0x1F6EB, 0x1F6EC}, CodePoints{0x1F7E0, 0x1F7EB}, CodePoints{0x1F90C, 0x1F9FF},
    CodePoints{0x1FA70, 0x1FAFF}, CodePoints{0x20000, 0x3FFFD},
};

bool within(std::span<CodePoints const> ranges, char32_t c) {
    auto const it = std::ranges::lower_bound(ranges, c, {}, &CodePoints::last);
    return it != ranges.end() && it->first <= c;
}

/// Takes one code point off the front; nothing for a byte that is not UTF-8, which is taken off alone.
std::optional<char32_t> take_code_point(std::string_view& rest) {
    auto const point = first_code_point(rest);
    rest.remove_prefix(std::max<std::size_t>(point.bytes, 1));
    if (point.bytes == 0) return std::nullopt;
    return point.value;
}

bool controls_the_terminal(char32_t c) {
    bool const bidirectional = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return is_control(c) || bidirectional || c == 0x2028 || c == 0x2029;
}

std::string escape_of(char32_t c) {
    if (c == '\n') return "\\n";
    if (c == '\r') return "\\r";
    if (c == '\t') return "\\t";
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), c < 0x100 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(c));
    return text.data();
}

}  // namespace

int width_of(char32_t code_point) {
    if (code_point < 0x300) return 1;
    if (within(zero_width, code_point)) return 0;
    return within(double_width, code_point) ? 2 : 1;
}

std::size_t display_width(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) columns += static_cast<std::size_t>(width_of(take_code_point(text).value_or('?')));
    return columns;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) return std::string(text);
    if (columns == 0) return "";
    auto rest = text;
    std::size_t used = 0;
    std::size_t kept = 0;  // bytes
    while (!rest.empty()) {
        auto const width = static_cast<std::size_t>(width_of(take_code_point(rest).value_or('?')));
        if (used + width > columns - 1) break;
        used += width;
        kept = text.size() - rest.size();
    }
    return std::string(text.substr(0, kept)) + "…";
}

std::string pad_to_width(std::string_view text, std::size_t columns, Align align) {
    auto const width = display_width(text);
    std::string const spaces(columns > width ? columns - width : 0, ' ');
    return align == Align::left ? std::string(text) + spaces : spaces + std::string(text);
}

std::string escape_controls(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto const before = text;
        auto const c = take_code_point(text);
        if (!c) {
            out += escape_of(static_cast<unsigned char>(before.front()));
        } else if (controls_the_terminal(*c)) {
            out += escape_of(*c);
        } else {
            out += before.substr(0, before.size() - text.size());
        }
    }
    return out;
}

std::string escape_within_lines(std::string_view text) {
    std::string lines;
    for (auto end = text.find('\n'); end != text.npos; end = text.find('\n')) {
        lines += escape_controls(text.substr(0, end)) + "\n";
        text.remove_prefix(end + 1);
    }
    return lines + escape_controls(text);
}

std::string in_quotes(std::string_view text) { return "'" + escape_controls(text) + "'"; }

}  // namespace sb::ctl
