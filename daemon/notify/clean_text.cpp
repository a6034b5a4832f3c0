#include "daemon/notify/clean_text.hpp"

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

std::string clean_line(std::string_view text) {
    auto result = clean_text(text);
    std::ranges::replace_if(
        result, [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return result;
}

}  // namespace sb::notify
