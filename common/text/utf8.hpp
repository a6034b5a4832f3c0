#pragma once
// UTF-8, decoded strictly (RFC 3629): shortest form only, no surrogates, nothing above U+10FFFF. The one decoder of
// all programs here.

#include <cstddef>
#include <string>
#include <string_view>

namespace sb {

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";  // U+FFFD

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;  ///< 0 = the text does not begin with valid UTF-8
};

/// The first code point. An empty text has none.
CodePoint first_code_point(std::string_view text);

bool is_utf8(std::string_view text);
bool is_ascii(std::string_view text);

/// Valid UTF-8: U+FFFD for each byte that is not part of it.
std::string valid_utf8(std::string_view text);

/// Controls of ASCII and the C1 controls, which some terminals obey.
constexpr bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

void append_utf8(std::string& text, char32_t code_point);

/// Whether this byte continues a sequence, so that no character begins with it.
constexpr bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// Bytes of a sequence that begins with this one; 0 = none does. For text that arrives in pieces.
std::size_t sequence_length(char lead);

/// The number of bytes, at most `most`, that do not end within a character. The text is valid UTF-8.
std::size_t whole_characters(std::string_view text, std::size_t most);

}  // namespace sb
