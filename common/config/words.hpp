#pragma once
// The words of a setting that has a fixed choice. The parser, error messages, the summary and the documents all take
// them from the same table.

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace sb::config {

template <class Choice>
struct Word {
    std::string_view text;
    Choice value;
};

template <class Choice, std::size_t N>
std::optional<Choice> choice_of(std::array<Word<Choice>, N> const& words, std::string_view text) {
    for (auto const& word : words)
        if (word.text == text) return word.value;
    return std::nullopt;
}

template <class Choice, std::size_t N>
std::string_view word_of(std::array<Word<Choice>, N> const& words, Choice value) {
    for (auto const& word : words)
        if (word.value == value) return word.text;
    return {};
}

/// "'none', 'starttls' or 'tls'"
template <class Choice, std::size_t N>
std::string listed(std::array<Word<Choice>, N> const& words) {
    std::string text;
    for (std::size_t i = 0; i < N; ++i) {
        if (i > 0) text += i + 1 == N ? " or " : ", ";
        text.append("'").append(words[i].text).append("'");
    }
    return text;
}

}  // namespace sb::config
