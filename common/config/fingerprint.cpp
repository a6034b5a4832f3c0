#include "common/config/fingerprint.hpp"

#include "common/text/ascii.hpp"

#include <optional>

namespace sb::config {
namespace {

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
    return std::nullopt;
}

Error bad_fingerprint(std::string what) { return Error{Errc::invalid_config, std::move(what)}; }

}  // namespace

Result<Fingerprint> parse_fingerprint(std::string_view text) {
    auto const blank = " \t";
    auto const first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return bad_fingerprint("it is empty");
    text = text.substr(first, text.find_last_not_of(blank) - first + 1);

    bool const colons = text.find(':') != std::string_view::npos;
    std::size_t digits = 0;
    Fingerprint bytes{};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (colons && i % 3 == 2) {
            if (text[i] != ':') return bad_fingerprint("a colon must stand after every second digit, or nowhere");
            continue;
        }
        auto const value = hex_digit(text[i]);
        if (!value && text[i] == ':') return bad_fingerprint("a colon must stand after every second digit, or nowhere");
        if (!value) return bad_fingerprint("it holds something that is not a hexadecimal digit");
        if (digits < 64) {
            unsigned const before = bytes[digits / 2];
            bytes[digits / 2] = static_cast<std::uint8_t>((before << 4U) | *value);
        }
        ++digits;
    }
    if (digits == 40) return bad_fingerprint("40 digits are a SHA-1 fingerprint; the SHA-256 one is needed");
    if (digits != 64) return bad_fingerprint("it has " + std::to_string(digits) + " digits instead of 64");
    if (text.back() == ':') return bad_fingerprint("a colon must stand between digits only");
    return bytes;
}

std::string fingerprint_text(Fingerprint const& fingerprint) {
    std::string text;
    for (auto const byte : fingerprint) {
        if (!text.empty()) text += ':';
        text += upper_hex_digit(byte >> 4U);
        text += upper_hex_digit(byte);
    }
    return text;
}

}  // namespace sb::config
