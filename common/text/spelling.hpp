#pragma once
// How a piece of text may be written by programs that escape it: URLs, JSON and C strings, HTML, quoted-printable,
// hexadecimal digits. The one place that knows it.

#include "common/text/ascii.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

namespace sb {

/// One way to read the front of a text as a character.
struct SpelledCharacter {
    std::size_t length;  ///< of the spelling
    char32_t value;
    bool is_byte;  ///< of UTF-8; otherwise a code point
};

/// The number that `length` digits at the front of `text` are, or -1.
inline int spelled_number(std::string_view text, std::size_t length, int base) {
    int value = -1;
    if (length == 0 || text.size() < length) return -1;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + length, value, base);
    return ec == std::errc() && end == text.data() + length && value >= 0 ? value : -1;
}

namespace spelling_detail {

template <class Take>
void each_backslash_spelling(std::string_view text, Take& take) {
    auto const byte = [&](std::size_t length, int value) {
        if (value >= 0) take(SpelledCharacter{length, static_cast<char32_t>(value), true});
    };
    if (text.size() < 2) return;
    byte(2, static_cast<unsigned char>(text[1]));
    byte(4, text[1] == 'x' ? spelled_number(text.substr(2), 2, 16) : -1);
    int const octal = spelled_number(text.substr(1), 3, 8);
    byte(4, octal < 256 ? octal : -1);
    if (text[1] != 'u') return;
    int const unit = spelled_number(text.substr(2), 4, 16);
    if (unit < 0) return;
    take(SpelledCharacter{6, static_cast<char32_t>(unit), false});
    // Some programs escape the bytes of UTF-8 one by one.
    byte(6, unit >= 0x80 && unit < 0x100 ? unit : -1);
    bool const has_second = unit >= 0xD800 && unit < 0xDC00 && text.substr(6).starts_with("\\u");
    int const second = has_second ? spelled_number(text.substr(8), 4, 16) : -1;
    if (second < 0xDC00 || second >= 0xE000) return;
    auto const value = 0x10000 + (unit - 0xD800) * 0x400 + (second - 0xDC00);
    take(SpelledCharacter{12, static_cast<char32_t>(value), false});
}

template <class Take>
void each_entity_spelling(std::string_view text, Take& take) {
    struct Entity {
        std::string_view text;
        char sign;
    };
    static constexpr std::array entities{Entity{"&amp;", '&'},  Entity{"&lt;", '<'},    Entity{"&gt;", '>'},
                                         Entity{"&quot;", '"'}, Entity{"&apos;", '\''}, Entity{"&nbsp;", ' '}};
    for (auto const& entity : entities)
        if (text.starts_with(entity.text))
            take(SpelledCharacter{entity.text.size(), static_cast<unsigned char>(entity.sign), true});
    if (!text.starts_with("&#")) return;
    auto const end = text.substr(0, 10).find(';');
    bool const hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
    std::size_t const skip = hex ? 3 : 2;
    if (end == std::string_view::npos || end <= skip) return;
    int const value = spelled_number(text.substr(skip), end - skip, hex ? 16 : 10);
    if (value >= 0 && value <= 0x10FFFF) take(SpelledCharacter{end + 1, static_cast<char32_t>(value), false});
}

}  // namespace spelling_detail

/// Calls `take(SpelledCharacter)` for every way to read the front of `text`, which is not empty: as it is,
/// percent-encoded (once or twice), quoted-printable, with a backslash, or as an HTML entity.
template <class Take>
void each_spelled_character(std::string_view text, Take take) {
    auto const byte = [&](std::size_t length, int value) {
        if (value >= 0) take(SpelledCharacter{length, static_cast<char32_t>(value), true});
    };
    byte(1, static_cast<unsigned char>(text[0]));
    switch (text[0]) {
        case '%':
            byte(3, spelled_number(text.substr(1), 2, 16));
            if (text.starts_with("%25")) byte(5, spelled_number(text.substr(3), 2, 16));
            break;
        case '=': byte(3, spelled_number(text.substr(1), 2, 16)); break;
        case '+': byte(1, ' '); break;
        case '\\': spelling_detail::each_backslash_spelling(text, take); break;
        case '&': spelling_detail::each_entity_spelling(text, take); break;
        default: break;
    }
}

/// The length of the longest spelling of `secret` at the front of `text`, where each character may be spelled in
/// another way, and quoted-printable may have broken the line; 0 if there is none. `secret` is not empty.
std::size_t spelled_length(std::string_view text, std::string_view secret);

/// The same of its bytes as hexadecimal digits, with or without a separator (space, colon, hyphen) between the bytes.
std::size_t hex_length(std::string_view text, std::string_view secret);

}  // namespace sb
