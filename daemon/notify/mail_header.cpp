#include "daemon/notify/mail_header.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"
#include "daemon/notify/clean_text.hpp"

#include <algorithm>

namespace sb::notify {
namespace {

constexpr std::size_t max_text_bytes = 400;
constexpr std::size_t line_width = 76;  // RFC 2047: of lines with encoded words
constexpr std::string_view word_begin = "=?UTF-8?Q?", word_end = "?=";

bool is_plain_in_encoded_word(char c) {
    return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == ':' || c == '/' || c == '!' || c == '+';
}

std::string encoded_character(std::string_view bytes) {
    std::string result;
    for (char const c : bytes) {
        auto const value = static_cast<unsigned char>(c);
        if (c == ' ') {
            result += '_';
        } else if (is_plain_in_encoded_word(c)) {
            result += c;
        } else {
            result += {'=', upper_hex_digit(value >> 4U), upper_hex_digit(value)};
        }
    }
    return result;
}

// Encoded words on separate lines; a reader joins them without the space between.
std::string encoded(std::string_view text, std::size_t column) {
    std::string result(word_begin);
    column += word_begin.size();
    while (!text.empty()) {
        auto const bytes = std::max<std::size_t>(first_code_point(text).bytes, 1);
        auto const next = encoded_character(text.substr(0, bytes));
        if (column + next.size() + word_end.size() > line_width) {
            result.append(word_end).append("\r\n ").append(word_begin);
            column = 1 + word_begin.size();
        }
        result += next;
        column += next.size();
        text.remove_prefix(bytes);
    }
    return result.append(word_end);
}

// A line end before a space that is followed by text; words are never cut.
std::string folded(std::string_view text, std::size_t column) {
    std::string result;
    while (!text.empty()) {
        auto const gap = std::min(text.find_first_not_of(' '), text.size());
        auto const end = std::min(text.find(' ', gap), text.size());
        if (gap > 0 && !result.empty() && column + end > line_width) {
            result += "\r\n";
            column = 0;
        }
        result += text.substr(0, end);
        column += end;
        text.remove_prefix(end);
    }
    return result;
}

}  // namespace

std::string text_field(std::string_view name, std::string_view text) {
    std::string value = clean_line(text);
    if (value.size() > max_text_bytes) value = value.substr(0, whole_characters(value, max_text_bytes)) + "...";
    value = std::string(trimmed(value, " "));
    std::string field = std::string(name) + ": ";
    bool const as_it_is = is_ascii(value) && value.find("=?") == std::string::npos;
    field += as_it_is ? folded(value, field.size()) : encoded(value, field.size());
    return field + "\r\n";
}

std::string address_field(std::string_view name, std::vector<std::string> const& addresses) {
    std::string field = std::string(name) + ": ";
    for (std::size_t i = 0; i < addresses.size(); ++i) field += (i == 0 ? "" : ",\r\n ") + addresses[i];
    return field + "\r\n";
}

bool is_plain_address(std::string_view address) {
    auto const at = address.find('@');
    if (at == 0 || at == std::string_view::npos || at + 1 == address.size()) return false;
    if (address.find('@', at + 1) != std::string_view::npos || address.size() > 254) return false;
    return std::ranges::none_of(address, [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F ||
               std::string_view("<>(),;:\\\"[]").find(c) != std::string_view::npos;
    });
}

}  // namespace sb::notify
