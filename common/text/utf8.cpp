#include "common/text/utf8.hpp"

#include <algorithm>

namespace sb {

std::size_t sequence_length(char lead) {
    auto const first = static_cast<unsigned char>(lead);
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4) return 0;
    return first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
}

CodePoint first_code_point(std::string_view text) {
    if (text.empty()) return {};
    std::size_t const bytes = sequence_length(text.front());
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (bytes == 1) return {byte(0), 1};
    if (bytes == 0 || text.size() < bytes) return {};
    char32_t value = byte(0) & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        if (!is_continuation(text[i])) return {};
        value = value << 6 | (byte(i) & 0x3FU);
    }
    bool const overlong = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
    bool const surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (overlong || surrogate || value > 0x10FFFF) return {};
    return {value, bytes};
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        auto const point = first_code_point(text);
        if (point.bytes == 0) return false;
        text.remove_prefix(point.bytes);
    }
    return true;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string valid_utf8(std::string_view text) {
    std::string valid;
    valid.reserve(text.size());
    while (!text.empty()) {
        auto const point = first_code_point(text);
        valid += point.bytes == 0 ? replacement_character : text.substr(0, point.bytes);
        text.remove_prefix(std::max<std::size_t>(point.bytes, 1));
    }
    return valid;
}

void append_utf8(std::string& text, char32_t code_point) {
    auto const push = [&](char32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
    auto const push_rest = [&](unsigned shift) { push(0x80 | (code_point >> shift & 0x3F)); };
    if (code_point < 0x80) {
        push(code_point);
    } else if (code_point < 0x800) {
        push(0xC0 | code_point >> 6);
        push_rest(0);
    } else if (code_point < 0x10000) {
        push(0xE0 | code_point >> 12);
        push_rest(6);
        push_rest(0);
    } else {
        push(0xF0 | code_point >> 18);
        push_rest(12);
        push_rest(6);
        push_rest(0);
    }
}

std::size_t whole_characters(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text.size();
    while (most > 0 && is_continuation(text[most])) --most;
    return most;
}

}  // namespace sb
