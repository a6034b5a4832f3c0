#include "daemon/notify/clean_text.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"

#include <algorithm>

namespace sb::notify {

std::string clean_text(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        auto const point = first_code_point(text);
        std::size_t taken = std::max<std::size_t>(point.bytes, 1);
        bool const kept = text[0] == '\n' || text[0] == '\t' || !is_control(point.value);
        if (text.starts_with("\r\n")) {
            result += '\n';
            taken = 2;
        } else if (point.bytes == 0 || !kept) {
            result += replacement_character;
            taken = 1;
        } else {
            result += text.substr(0, taken);
        }
        text.remove_prefix(taken);
    }
    return result;
}

std::string without_password(std::string_view text, std::string_view password) {
    constexpr std::size_t shortest_in_words = 4;
    auto const in_word = [&](std::size_t at) {
        return at < text.size() && (is_letter(text[at]) || is_digit(text[at]) || !is_ascii(text.substr(at, 1)));
    };
    std::string result;
    std::size_t from = 0;
    for (auto at = password.empty() ? text.npos : text.find(password); at != text.npos;
         at = text.find(password, std::max(at + 1, from))) {
        bool const part_of_word = (at > 0 && in_word(at - 1)) || in_word(at + password.size());
        if (password.size() < shortest_in_words && part_of_word) continue;
        result.append(text, from, at - from).append("***");
        from = at + password.size();
    }
    return result.append(text, from);
}

std::string clean_line(std::string_view text) {
    auto result = clean_text(text);
    std::ranges::replace_if(
        result, [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return result;
}

}  // namespace sb::notify
