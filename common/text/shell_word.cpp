#include "common/text/shell_word.hpp"

namespace sb {

std::string shell_word(std::string_view text) {
    static constexpr std::string_view harmless =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
    if (!text.empty() && text.find_first_not_of(harmless) == std::string_view::npos) return std::string(text);
    std::string word = "'";
    for (char const c : text) {
        if (c == '\'') word += "'\\''";
        else word += c;
    }
    return word + "'";
}

}  // namespace sb
