#include "common/text/spelling.hpp"

#include "common/text/utf8.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace sb {
namespace {

using Ends = std::vector<std::size_t>;

/// Whether a spelling of something that begins with `sign` can begin with `first`.
bool may_begin_with(char sign, char first) {
    return first == sign || first == '%' || first == '\\' || first == '&' || first == '=' ||
           (first == '+' && sign == ' ');
}

/// How many bytes at the front of `secret` this character is; 0 = it is another one.
std::size_t bytes_read(SpelledCharacter const& character, std::string_view secret) {
    if (character.is_byte) return static_cast<unsigned char>(secret.front()) == character.value ? 1 : 0;
    std::string bytes;
    append_utf8(bytes, character.value);
    return secret.starts_with(bytes) ? bytes.size() : 0;
}

/// "=" at the end of a line of quoted-printable text.
std::size_t soft_break(std::string_view text) {
    if (text.starts_with("=\r\n")) return 3;
    return text.starts_with("=\n") ? 2 : 0;
}

void add_end(Ends& ends, std::size_t end) {
    if (std::ranges::find(ends, end) == ends.end()) ends.push_back(end);
}

}  // namespace

std::size_t spelled_length(std::string_view text, std::string_view secret) {
    constexpr std::size_t sets = 5;  // a character has up to four bytes
    if (text.empty() || !may_begin_with(secret.front(), text.front())) return 0;
    // Where the spellings of the first bytes of the secret can end, by the number of these bytes, modulo `sets`.
    std::array<Ends, sets> ends;
    ends[0].push_back(0);
    for (std::size_t read = 0; read < secret.size(); ++read) {
        auto& here = ends[read % sets];
        for (std::size_t i = 0; i < here.size(); ++i) {
            auto const end = here[i];
            auto const rest = text.substr(end);
            if (rest.empty()) continue;
            if (auto const skipped = read > 0 ? soft_break(rest) : 0; skipped > 0) add_end(here, end + skipped);
            each_spelled_character(rest, [&](SpelledCharacter const& character) {
                auto const bytes = bytes_read(character, secret.substr(read));
                if (bytes > 0) add_end(ends[(read + bytes) % sets], end + character.length);
            });
        }
        here.clear();
        if (std::ranges::all_of(ends, &Ends::empty)) return 0;
    }
    return *std::ranges::max_element(ends[secret.size() % sets]);
}

std::size_t hex_length(std::string_view text, std::string_view secret) {
    std::size_t at = 0;
    for (char const sign : secret) {
        bool const is_separated =
            at > 0 && at < text.size() && std::string_view(" :-").find(text[at]) != std::string_view::npos;
        if (is_separated) ++at;
        if (spelled_number(text.substr(at), 2, 16) != static_cast<unsigned char>(sign)) return 0;
        at += 2;
    }
    return at;
}

}  // namespace sb
