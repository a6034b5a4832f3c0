#include "common/text/base64_words.hpp"

#include "common/text/spelling.hpp"

#include <algorithm>

namespace sb {
namespace {

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Shorter lines are lines of words.
constexpr std::size_t shortest_wrapped_line = 32;
/// A secret is searched this far behind a position to decide whether that is hidden, so that what is shown of a text
/// does not depend on where it is cut.
constexpr std::size_t hidden_before = 2048;

struct Letter {
    std::size_t length = 0;  ///< of its spelling; 0 = none
    char letter = 0;
};

/// In the usual alphabet; 0 = not of base64.
char base64_letter(char32_t value) {
    if (value == '-') return '+';
    if (value == '_') return '/';
    if (value >= 0x80) return 0;
    char const c = static_cast<char>(value);
    return is_letter(c) || is_digit(c) || c == '+' || c == '/' ? c : '\0';
}

/// The longest spelling of a character for which `as_letter` is not 0.
template <class AsLetter>
Letter longest_spelling(std::string_view text, AsLetter as_letter) {
    Letter longest;
    if (text.empty()) return longest;
    each_spelled_character(text, [&](SpelledCharacter const& character) {
        // "\n" is more likely the end of a line than an n, and "=2A" a sign before a word than an escaped letter.
        bool const is_doubtful = character.length == 2 || (character.length > 1 && text[0] == '=');
        bool const is_word = character.value < 0x80 && (is_letter(static_cast<char>(character.value)) ||
                                                        is_digit(static_cast<char>(character.value)));
        char const letter = as_letter(character.value);
        if (letter != 0 && !(is_doubtful && is_word) && character.length > longest.length)
            longest = {character.length, letter};
    });
    return longest;
}

Letter letter_at(std::string_view text) { return longest_spelling(text, base64_letter); }

std::size_t padding_at(std::string_view text) {
    return longest_spelling(text, [](char32_t value) { return value == '=' ? '=' : '\0'; }).length;
}

/// A line end, escaped or not, with the "=" of quoted-printable before it and the spaces behind it.
std::size_t break_at(std::string_view text) {
    std::size_t at = text.starts_with('=') ? 1 : 0;
    for (std::string_view const end : {"\r\n", "\n", "\\r\\n", "\\n", "%0D%0A", "%0d%0a", "%0A", "%0a"}) {
        if (!text.substr(at).starts_with(end)) continue;
        at += end.size();
        auto const next = text.find_first_not_of(" \t", at);
        return next == std::string_view::npos ? text.size() : next;
    }
    return 0;
}

/// Those that only the secret decides, with `before` bytes in front of it.
Secret certain_letters(std::string_view secret, std::size_t before) {
    auto const bit = [&](std::size_t index) {
        auto const byte = static_cast<unsigned char>(secret[index / 8 - before]);
        return static_cast<std::size_t>(byte >> (7 - index % 8)) & 1U;
    };
    std::size_t const first = (before * 8 + 5) / 6, last = (before + secret.size()) * 8 / 6;
    std::string letters;
    letters.reserve(last - first);  // so that no copy remains in outgrown memory
    for (auto letter = first; letter < last; ++letter) {
        std::size_t value = 0;
        for (std::size_t i = 0; i < 6; ++i) value = value * 2 + bit(letter * 6 + i);
        letters += base64_alphabet[value];
    }
    return Secret(std::move(letters));
}

}  // namespace

std::vector<Secret> base64_of(std::string_view secret) {
    std::vector<Secret> letters;
    if (secret.size() < shortest_in_base64) return letters;
    for (std::size_t before = 0; before < 3; ++before) letters.push_back(certain_letters(secret, before));
    return letters;
}

std::size_t Base64Words::length_at(std::size_t position) {
    if (sought_.empty()) return 0;
    if (position >= word_end_) read_word(position);
    return position >= hidden_from_ && position < word_end_ ? word_end_ - position : 0;
}

void Base64Words::read_word(std::size_t position) {
    letters_.clear();
    places_.clear();
    hidden_from_ = std::string_view::npos;
    auto end = position;
    for (std::size_t in_line = 0;;) {
        if (auto const [length, letter] = letter_at(text_.substr(end)); length > 0) {
            letters_ += letter;
            places_.push_back(end);
            end += length;
            ++in_line;
            continue;
        }
        auto const skipped = in_line < shortest_wrapped_line ? 0 : break_at(text_.substr(end));
        if (skipped == 0 || letter_at(text_.substr(end + skipped)).length == 0) break;
        end += skipped;
        in_line = 0;
    }
    if (letters_.empty()) return;
    for (int i = 0; i < 2; ++i) end += padding_at(text_.substr(end));
    word_end_ = end;
    auto const first = first_secret();
    if (first == std::string::npos) return;
    auto const place = places_[first];
    hidden_from_ = std::max(position, place - std::min(place, hidden_before));
}

std::size_t Base64Words::first_secret() const {
    auto first = std::string::npos;
    for (auto const letters : sought_) first = std::min(first, letters_.find(letters));
    return first;
}

}  // namespace sb
