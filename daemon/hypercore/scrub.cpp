#include "daemon/hypercore/scrub.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace sb::hypercore {
namespace {

constexpr std::size_t shortest_scrubbed = 3;
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

/// The length of the longest spelling of `secret` at the front of `text`; 0 if there is none.
std::size_t match(std::string_view text, std::string_view secret) {
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

/// The length of "smb://…@" at the front of `text`, where the login may contain anything but spaces and quotes.
std::size_t login_of_uri(std::string_view text) {
    constexpr std::string_view scheme = "smb://";
    if (text.size() < scheme.size()) return 0;
    for (std::size_t i = 0; i < scheme.size(); ++i) {
        if ((text[i] | 0x20) != (scheme[i] | 0x20)) return 0;
    }
    auto const end = text.find_first_of(" \t\r\n\"'<>", scheme.size());
    auto const at = text.substr(0, end).rfind('@');
    return at == std::string_view::npos ? 0 : at + 1;
}

}  // namespace

std::string Scrubber::operator()(std::string_view text) const {
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        auto const rest = text.substr(at);
        std::size_t secret_length = 0;
        for (auto const& secret : secrets_) {
            auto const& plain = secret.reveal();
            if (plain.size() >= shortest_scrubbed) secret_length = std::max(secret_length, match(rest, plain));
        }
        if (secret_length > 0) {
            clean += stars;
            at += secret_length;
        } else if (auto const login = login_of_uri(rest); login > 0) {
            clean += "smb://***@";
            at += login;
        } else {
            clean += text[at++];
        }
    }
    return clean;
}

}  // namespace sb::hypercore
