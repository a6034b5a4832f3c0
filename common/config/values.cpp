#include "common/config/values.hpp"
#include "common/text/ascii.hpp"

#include "common/config/problem.hpp"
#include "common/config/text_file.hpp"
#include "common/text/suggestion.hpp"
#include "common/text/utf8.hpp"
#include "common/text/whole_number.hpp"

#include <algorithm>
#include <optional>

namespace sb::config {
namespace {

Error bad(std::string what) { return Error{Errc::invalid_config, std::move(what)}; }

bool is_name_character(char c) {
    bool const plain = is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '.';
    return plain || static_cast<unsigned char>(c) >= 0x80;  // names in other scripts: the resolver decides
}

/// Whether it looks like an IPv6 address; whether it is one, the resolver says at the first connection.
bool looks_like_v6(std::string_view text) {
    auto const zone = text.find('%');
    if (zone != std::string_view::npos) {
        auto const name = text.substr(zone + 1);
        if (name.empty() || !std::ranges::all_of(name, is_name_character)) return false;
        text = text.substr(0, zone);
    }
    if (text.size() > 45 || std::ranges::count(text, ':') < 2) return false;
    if (text.find(":::") != std::string_view::npos) return false;
    std::size_t digits = 0;
    for (char const c : text) {
        if (c != ':' && c != '.' && hex_value(c) < 0) return false;
        digits = c == ':' || c == '.' ? 0 : digits + 1;
        if (digits > 4) return false;
    }
    return true;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
    auto const number = sb::whole_number<std::uint16_t>(text);
    return number && *number > 0 && text.size() <= 5 ? number : std::nullopt;
}

}  // namespace

Result<HostPort> parse_host_port(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return bad("it is empty");
    if (text.find("//") != std::string_view::npos) return bad("it must be a host, not a URL or the path of a share");
    if (text.starts_with('[')) {
        auto const end = text.find(']');
        if (end == std::string_view::npos) return bad("the ']' is missing");
        auto const address = text.substr(1, end - 1);
        if (!looks_like_v6(address)) return bad("only an IPv6 address may be in brackets");
        auto const rest = text.substr(end + 1);
        if (rest.empty()) return HostPort{std::string(address), std::nullopt};
        auto const port = rest.starts_with(':') ? port_of(rest.substr(1)) : std::nullopt;
        if (!port) return bad("only a colon and a port from 1 to 65535 may follow the ']'");
        return HostPort{std::string(address), port};
    }
    if (looks_like_v6(text)) return HostPort{std::string(text), std::nullopt};
    auto const colon = text.find(':');
    auto const host = text.substr(0, colon);
    if (host.empty()) return bad("the host is missing before the colon");
    if (host.size() > 253) return bad("it is longer than the 253 characters of a host name");
    if (!std::ranges::all_of(host, is_name_character))
        return bad("it contains a character that is not allowed in a host name");
    if (host.front() == '.' || host.front() == '-' || host.find("..") != std::string_view::npos) {
        return bad("it is not a host name");
    }
    if (colon == std::string_view::npos) return HostPort{std::string(host), std::nullopt};
    auto const port = port_of(text.substr(colon + 1));
    if (!port) return bad("the port must be a number from 1 to 65535");
    return HostPort{std::string(host), port};
}

Result<std::string> parse_mail_address(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return bad("an address is missing");
    if (std::ranges::count(text, '@') != 1) return bad("an address contains exactly one '@'");
    if (text.front() == '@' || text.back() == '@') return bad("text is missing before or after the '@'");
    if (text.find_first_of(" \t<>\"(),;:\\") != std::string_view::npos) {
        return bad("use the bare address, without a name, spaces, brackets or quotes");
    }
    if (text.size() > 254) return bad("it is longer than the 254 characters of an address");
    return std::string(text);
}

Result<std::vector<std::string>> parse_mail_addresses(std::string_view text) {
    std::vector<std::string> addresses;
    for (;;) {
        auto const comma = text.find(',');
        auto const address = parse_mail_address(text.substr(0, comma));
        if (!address) return address.error();
        addresses.push_back(*address);
        if (comma == std::string_view::npos) return addresses;
        text.remove_prefix(comma + 1);
    }
}

Result<std::string> parse_share_name(std::string const& text) {
    if (text.empty()) return bad("it is empty");
    if (text.find_first_of("/\\") != std::string::npos) {
        return bad("use the name of the share only, not a folder inside it");
    }
    if (text == "." || text == "..") return bad("it is not the name of a share");
    if (text.size() > 80) return bad("it is longer than the 80 characters that SMB allows");
    return text;
}

Result<std::filesystem::path> parse_absolute_path(std::string const& text) {
    auto const path = path_from_utf8(text);
    if (text.empty()) return bad("it is empty");
    if (!path.is_absolute()) return bad("it is not an absolute path");
    return path;
}

Result<std::string> parse_helo_name(std::string_view text) {
    constexpr std::size_t longest = 253;  // RFC 1035
    auto const name = trimmed(text);
    bool const is_address = name.size() > 2 && name.starts_with('[') && name.ends_with(']');
    auto const inner = is_address ? name.substr(1, name.size() - 2) : name;
    auto const fits = [is_address](char c) {
        return is_letter(c) || is_digit(c) || c == '.' || c == '-' || (is_address && c == ':');
    };
    if (name.size() > longest || inner.empty() || !std::ranges::all_of(inner, fits))
        return bad("it is neither a host name nor an IP address in square brackets");
    return std::string(name);
}

Result<std::string> parse_tag(std::string const& text) {
    auto const tag = trimmed(text);
    if (tag.find(',') != std::string_view::npos) {
        return bad("commas separate tags at the cluster: name one tag");
    }
    return std::string(tag);
}

Result<std::string> parse_hook(std::string const& text, std::span<std::string_view const> variables) {
    std::string_view rest = trimmed(text);
    auto const program = rest.substr(0, rest.find_first_of(" \t"));
    if (!path_from_utf8(std::string(program)).is_absolute()) {
        return bad("the program '" + printable(program) + "' is not an absolute path");
    }
    while (!rest.empty()) {
        auto word = rest.substr(0, rest.find_first_of(" \t"));
        rest = trimmed(rest.substr(word.size()));
        for (auto open = word.find("{{"); open != std::string_view::npos; open = word.find("{{")) {
            auto const close = word.find("}}", open);
            if (close == std::string_view::npos) return bad("'{{' without '}}' in the same word");
            auto const name = word.substr(open + 2, close - open - 2);
            if (std::ranges::find(variables, name) == variables.end()) {
                auto const meant = nearest_word(name, variables);
                return bad("this hook has no variable {{" + printable(name) + "}}" +
                           (meant ? " (did you mean {{" + std::string(*meant) + "}}?)" : ""));
            }
            word = word.substr(close + 2);
        }
    }
    return text;
}

std::string_view control_character_in(std::string_view text) {
    for (char const c : text) {
        if (c == '\n' || c == '\r') return "a line break";
        if (c == '\t') return "a tab";
        if (c == '\0') return "a zero byte";
    }
    while (!text.empty()) {
        auto const point = first_code_point(text);
        if (point.bytes > 0 && is_control(point.value)) return "a control character";
        text.remove_prefix(std::max<std::size_t>(point.bytes, 1));
    }
    return {};
}

Result<Fingerprint> parse_fingerprint(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return bad("it is empty");

    bool const colons = text.find(':') != std::string_view::npos;
    std::size_t digits = 0;
    Fingerprint bytes{};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (colons && i % 3 == 2) {
            if (text[i] != ':') return bad("colons must follow every second digit, or be left out");
            continue;
        }
        int const value = hex_value(text[i]);
        if (value < 0 && text[i] == ':') return bad("colons must follow every second digit, or be left out");
        if (value < 0) return bad("it contains a character that is not a hexadecimal digit");
        if (digits < 64) {
            unsigned const before = bytes[digits / 2];
            bytes[digits / 2] = static_cast<std::uint8_t>((before << 4U) | static_cast<unsigned>(value));
        }
        ++digits;
    }
    if (digits == 40) return bad("40 digits are a SHA-1 fingerprint; the SHA-256 fingerprint is required");
    if (digits != 64)
        return bad("it has " + std::to_string(digits) + (digits == 1 ? " digit" : " digits") + " instead of 64");
    if (text.back() == ':') return bad("a colon is allowed only between digits");
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
