#include "common/text/scrub.hpp"

#include "common/text/ascii.hpp"
#include "common/text/base64_words.hpp"
#include "common/text/spelling.hpp"
#include "common/text/utf8.hpp"

#include <algorithm>
#include <utility>

namespace sb {
namespace {

constexpr std::size_t shortest_in_texts = 1, shortest_in_names = 6;
/// Shorter ones are hidden only where they are whole words.
constexpr std::size_t shortest_in_words = 3;
constexpr std::size_t shortest_in_hex = 4;
/// How far behind the part of a text that is wanted the end of a login, or of base64 with a secret, is searched.
constexpr std::size_t max_word_bytes = 4096;
constexpr std::string_view stars = "***";

bool is_in_word(std::string_view text, std::size_t at) {
    return at < text.size() && (is_letter(text[at]) || is_digit(text[at]) || !is_ascii(text.substr(at, 1)));
}

constexpr std::string_view scheme = "smb://";

/// Finds "smb://…@", where the login may contain anything but spaces and quotes. The word around it is read once,
/// however often "smb://" occurs in it.
class LoginFinder {
public:
    /// If `is_cut`, more follows behind `text`.
    LoginFinder(std::string_view text, bool is_cut) : text_(text), is_cut_(is_cut) {}

    /// The length of "smb://…@" at this position, which never decreases; 0 if there is none. At the end of a text that
    /// is cut, everything may belong to a login.
    std::size_t length_at(std::size_t position) {
        if (!equal_ignoring_case(text_.substr(position, scheme.size()), scheme)) return 0;
        if (position >= word_end_) read_word(position);
        if (is_cut_ && word_end_ == text_.size()) return text_.size() - position;
        bool const has_login = last_at_ != std::string_view::npos && last_at_ >= position + scheme.size();
        return has_login ? last_at_ + 1 - position : 0;
    }

private:
    void read_word(std::size_t position) {
        word_end_ = std::min(text_.find_first_of(" \t\r\n\"'<>", position), text_.size());
        auto const at = text_.substr(position, word_end_ - position).rfind('@');
        last_at_ = at == std::string_view::npos ? at : position + at;
    }

    std::string_view text_;
    bool is_cut_;
    std::size_t word_end_ = 0;
    std::size_t last_at_ = std::string_view::npos;
};

}  // namespace

Scrubber::Scrubber(std::vector<Secret> secrets) {
    for (auto& secret : secrets) {
        if (secret.empty()) continue;
        auto base64 = base64_of(secret.reveal());
        secrets_.push_back({std::move(secret), std::move(base64)});
    }
}

std::string Scrubber::operator()(std::string_view text) const { return scrubbed(text, text.size(), shortest_in_texts); }

std::string Scrubber::beginning(std::string_view text, std::size_t most) const {
    return scrubbed(text, whole_characters(text, most), shortest_in_texts);
}

std::string Scrubber::name(std::string_view text, std::size_t most) const {
    return scrubbed(text, whole_characters(text, most), shortest_in_names);
}

/// Of the longest spelling of the secret at this position; 0 = none.
std::size_t Scrubber::length_at(std::string_view text, std::size_t position, std::string_view secret) {
    auto const rest = text.substr(position);
    auto const length = spelled_length(rest, secret);
    if (secret.size() >= shortest_in_words)
        return secret.size() >= shortest_in_hex ? std::max(length, hex_length(rest, secret)) : length;
    bool const part_of_word = (position > 0 && is_in_word(text, position - 1)) || is_in_word(text, position + length);
    return part_of_word ? 0 : length;
}

std::string Scrubber::scrubbed(std::string_view text, std::size_t most, std::size_t shortest_secret) const {
    auto const read = text.substr(0, most + max_word_bytes);
    std::vector<std::string_view> plain, base64;
    for (auto const& secret : secrets_) {
        if (secret.plain.reveal().size() < shortest_secret) continue;
        plain.emplace_back(secret.plain.reveal());
        for (auto const& letters : secret.base64) base64.emplace_back(letters.reveal());
    }
    LoginFinder logins(read, read.size() < text.size());
    Base64Words words(read, std::move(base64));
    std::string clean;
    clean.reserve(most);
    for (std::size_t at = 0; at < most;) {
        auto secret_length = words.length_at(at);
        for (auto const secret : plain) secret_length = std::max(secret_length, length_at(text, at, secret));
        if (secret_length > 0) {
            clean += stars;
            at += secret_length;
        } else if (auto const login = logins.length_at(at); login > 0) {
            clean += "smb://***@";
            at += login;
        } else {
            clean += text[at++];
        }
    }
    return clean;
}

}  // namespace sb
