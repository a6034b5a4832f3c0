#include "common/config/toml_guard.hpp"

#include "common/config/load.hpp"
#include "common/text/utf8.hpp"

#include <algorithm>

namespace sb::config {
namespace {

constexpr int deepest = 16;            // our configuration needs two
constexpr int most_dots_in_line = 64;  // outside strings; each one nests a table
constexpr std::size_t longest_line = 4 * 1024;
constexpr int longest_word = 62;  // outside strings; toml11 overflows on binary numbers of 64 digits
constexpr int most_parts = 5000;  // the parser's time grows with parts times length of line

std::optional<Objection> objection_to_bytes(std::string_view text) {
    std::size_t line_start = 0;
    for (std::size_t i = 0; i < text.size();) {
        auto const length = first_code_point(text.substr(i)).bytes;
        if (length == 0) return Objection{place_at(text, i), "the file is not valid UTF-8 here"};
        char const c = text[i];
        bool const control = (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
        if (control) return Objection{place_at(text, i), "control characters are not allowed"};
        i += length;
        if (c == '\n') line_start = i;
        if (i - line_start > longest_line) return Objection{place_at(text, i - length), "the line is too long"};
    }
    return std::nullopt;
}

/// Offset after the string that starts at `i`; npos if it is not closed (the parser reports that).
std::size_t end_of_string(std::string_view text, std::size_t i) {
    char const quote = text[i];
    std::string const three(3, quote);
    if (text.substr(i, 3) == three) {
        for (i += 3; i < text.size(); ++i) {
            if (quote == '"' && text[i] == '\\') {
                ++i;
            } else if (text.substr(i, 3) == three) {
                i += 3;
                // Up to two quotes may stand directly before the closing three.
                for (int extra = 0; extra < 2 && i < text.size() && text[i] == quote; ++extra) ++i;
                return i;
            }
        }
        return std::string_view::npos;
    }
    for (++i; i < text.size() && text[i] != '\n'; ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

std::optional<Objection> objection_to_structure(std::string_view text) {
    int depth = 0;
    int dots = 0;
    int parts = 0;
    int word = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        bool const in_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        word = in_word ? word + 1 : 0;
        if (word > longest_word) return Objection{place_at(text, i), "the number or name is too long"};
        bool const starts_part = c == '=' || c == ',' || c == '[' || c == '{';
        if (starts_part && ++parts > most_parts) return Objection{place_at(text, i), "too many values"};
        if (c == '"' || c == '\'') {
            i = end_of_string(text, i);
            if (i == std::string_view::npos) return std::nullopt;
            --i;
        } else if (c == '#') {
            i = std::min(text.find('\n', i), text.size()) - 1;
        } else if (c == '\n') {
            dots = 0;
        } else if (c == '[' || c == '{') {
            if (++depth > deepest) return Objection{place_at(text, i), "brackets are nested too deeply"};
        } else if (c == ']' || c == '}') {
            depth = std::max(0, depth - 1);
        } else if (c == '.') {
            if (++dots > most_dots_in_line) return Objection{place_at(text, i), "the key has too many parts"};
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Objection> objection_to(std::string_view text) {
    if (text.size() > max_config_bytes) return Objection{{}, "the configuration is larger than 1 MiB"};
    if (auto objection = objection_to_bytes(text)) return objection;
    return objection_to_structure(text);
}

Place place_at(std::string_view text, std::size_t offset) {
    auto const before = text.substr(0, offset);
    auto const newline = before.rfind('\n');
    auto const in_line = newline == std::string_view::npos ? before : before.substr(newline + 1);
    auto const characters =
        std::ranges::count_if(in_line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    return Place{static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(characters) + 1};
}

}  // namespace sb::config
