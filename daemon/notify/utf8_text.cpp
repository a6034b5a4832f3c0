#include "daemon/notify/utf8_text.hpp"

#include <algorithm>
#include <cstdint>

namespace sb::notify {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::uint32_t byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

// Bytes of the first character; 0 if the text does not begin with a valid one (RFC 3629: shortest form only, no
// surrogates, nothing above U+10FFFF). C1 controls count as invalid: some terminals obey them.
std::size_t first_character(std::string_view text) {
    auto const lead = byte_at(text, 0);
    if (lead < 0x80) return 1;
    std::size_t const length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    std::uint32_t value = lead & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
        value = (value << 6) | (byte_at(text, i) & 0x3F);
    }
    if (length == 3 && (value < 0x800 || (value >= 0xD800 && value <= 0xDFFF))) return 0;
    if (length == 4 && (value < 0x10000 || value > 0x10FFFF)) return 0;
    return value < 0xA0 ? 0 : length;
}

}  // namespace

std::string clean_text(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        std::size_t taken = first_character(text);
        if (text.starts_with("\r\n")) {
            result += '\n';
            taken = 2;
        } else if (taken == 0) {
            result += replacement;
            taken = 1;
        } else if (taken == 1 && text[0] != '\n' && text[0] != '\t' && (byte_at(text, 0) < 0x20 || text[0] == 0x7F)) {
            result += replacement;
        } else {
            result += text.substr(0, taken);
        }
        text.remove_prefix(taken);
    }
    return result;
}

std::string clean_line(std::string_view text) {
    auto result = clean_text(text);
    std::ranges::replace_if(
        result, [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return result;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::size_t whole_characters(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text.size();
    while (most > 0 && (byte_at(text, most) & 0xC0) == 0x80) --most;
    return most;
}

}  // namespace sb::notify
