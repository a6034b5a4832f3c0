#include "daemon/hypercore/scrub.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace sb::hypercore {
namespace {

constexpr std::size_t shortest_in_texts = 3, shortest_in_names = 6;
/// How far the end of a login is searched behind the part of a text that is wanted.
constexpr std::size_t max_login_bytes = 4096;
constexpr std::string_view stars = "***";

/// The number that `length` digits at the front of `text` are, or -1.
int number(std::string_view text, std::size_t length, int base) {
    int value = -1;
    if (length == 0 || text.size() < length) return -1;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + length, value, base);
    return ec == std::errc() && end == text.data() + length ? value : -1;
}

struct Entity {
    std::string_view text;
    char sign;
};
constexpr std::array entities{Entity{"&amp;", '&'},  Entity{"&lt;", '<'},    Entity{"&gt;", '>'},
                              Entity{"&quot;", '"'}, Entity{"&apos;", '\''}, Entity{"&nbsp;", ' '}};

/// Calls `take(length)` for every spelling of `sign` at the front of `text`.
template <class Take>
void each_spelling(std::string_view text, char sign, Take take) {
    if (text.empty()) return;
    int const byte = static_cast<unsigned char>(sign);
    if (text[0] == sign) take(std::size_t{1});
    if (text[0] == '%') {
        if (number(text.substr(1), 2, 16) == byte) take(std::size_t{3});
        if (text.starts_with("%25") && number(text.substr(3), 2, 16) == byte) take(std::size_t{5});
    }
    if (text[0] == '+' && sign == ' ') take(std::size_t{1});
    if (text[0] == '\\' && text.size() > 1) {
        if (text[1] == sign) take(std::size_t{2});
        if (text[1] == 'u' && number(text.substr(2), 4, 16) == byte) take(std::size_t{6});
    }
    if (text[0] == '&') {
        for (auto const& entity : entities) {
            if (entity.sign == sign && text.starts_with(entity.text)) take(entity.text.size());
        }
        auto const end = text.substr(0, 10).find(';');
        if (text.starts_with("&#") && end != std::string_view::npos) {
            bool const hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
            std::size_t const skip = hex ? 3 : 2;
            if (end > skip && number(text.substr(skip), end - skip, hex ? 16 : 10) == byte) take(end + 1);
        }
    }
}

/// Whether a spelling of `sign` can begin with `first`.
bool may_begin_with(char sign, char first) {
    return first == sign || first == '%' || first == '\\' || first == '&' || (first == '+' && sign == ' ');
}

/// The length of the longest spelling of `secret` at the front of `text`; 0 if there is none.
std::size_t match(std::string_view text, std::string_view secret) {
    if (text.empty() || !may_begin_with(secret.front(), text.front())) return 0;
    std::vector<std::size_t> ends{0};
    for (char const sign : secret) {
        std::vector<std::size_t> next;
        for (auto const end : ends) {
            auto const add = [&](std::size_t length) {
                if (std::ranges::find(next, end + length) == next.end()) next.push_back(end + length);
            };
            each_spelling(text.substr(end), sign, add);
        }
        if (next.empty()) return 0;
        ends = std::move(next);
    }
    return *std::ranges::max_element(ends);
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

std::string Scrubber::operator()(std::string_view text) const { return scrubbed(text, text.size(), shortest_in_texts); }

std::string Scrubber::beginning(std::string_view text, std::size_t most) const {
    return scrubbed(text, whole_characters(text, most), shortest_in_texts);
}

std::string Scrubber::name(std::string_view text, std::size_t most) const {
    return scrubbed(text, whole_characters(text, most), shortest_in_names);
}

std::string Scrubber::scrubbed(std::string_view text, std::size_t most, std::size_t shortest_secret) const {
    auto const read = text.substr(0, most + max_login_bytes);
    LoginFinder logins(read, read.size() < text.size());
    std::string clean;
    clean.reserve(most);
    for (std::size_t at = 0; at < most;) {
        std::size_t secret_length = 0;
        for (auto const& secret : secrets_) {
            auto const& plain = secret.reveal();
            if (plain.size() < shortest_secret) continue;
            secret_length = std::max(secret_length, match(text.substr(at), plain));
        }
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

}  // namespace sb::hypercore
