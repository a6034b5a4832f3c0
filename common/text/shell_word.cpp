#include "common/text/shell_word.hpp"

#include <algorithm>

namespace sb {

std::string shell_word(std::string_view text) {
    static constexpr std::string_view harmless =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
    // zsh replaces "=ls" by the path of ls.
    bool const is_plain =
        !text.empty() && text.front() != '=' && text.find_first_not_of(harmless) == std::string_view::npos;
    if (is_plain) return std::string(text);
    std::string word = "'";
    for (char const c : text) {
        // A backslash, too, stands outside of the quotes: inside, fish lets it escape the quote that follows.
        if (c == '\'' || c == '\\') {
            word += "'\\";
            word += c;
            word += '\'';
        } else {
            word += c;
        }
    }
    return word + "'";
}

std::string suggested_command(std::string_view command, std::initializer_list<std::string_view> words,
                              std::initializer_list<SuggestedOption> options) {
    auto line = "scale-backupctl " + std::string(command);
    for (auto const& option : options) line += " --" + std::string(option.name) + "=" + shell_word(option.value);
    if (std::ranges::any_of(words, [](auto word) { return word.starts_with('-'); })) line += " --";
    for (auto const word : words) line += " " + shell_word(word);
    return line;
}

}  // namespace sb
