#include "simulator/transfer/smb_uri.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace sb::sim {
namespace {

Error refused(std::string_view why) { return Error{Errc::invalid_params, "pathURI: " + std::string(why)}; }

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        int const high = hex_digit(text[i + 1]);
        int const low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        plain += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return plain;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

Result<void> take_user_info(std::string_view info, SmbUri& uri) {
    std::size_t const colon = info.find(':');
    std::string_view user = info.substr(0, colon);
    std::string_view const password = colon == std::string_view::npos ? std::string_view() : info.substr(colon + 1);
    std::string_view domain;
    // A ';' separates domain and user only before the ':'; after it, it belongs to the password.
    if (std::size_t const semicolon = user.find(';'); semicolon != std::string_view::npos) {
        domain = user.substr(0, semicolon);
        user.remove_prefix(semicolon + 1);
    }
    auto plain_domain = percent_decode(domain);
    auto plain_user = percent_decode(user);
    auto plain_password = percent_decode(password);
    if (!plain_domain || !plain_user || !plain_password)
        return refused("'%' without two hex digits in the domain, user or password");
    uri.domain = std::move(*plain_domain);
    uri.user = std::move(*plain_user);
    uri.password = Secret(std::move(*plain_password));
    return {};
}

Result<void> take_host(std::string_view text, SmbUri& uri) {
    std::string_view host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        std::size_t const bracket = text.find(']');
        if (bracket == std::string_view::npos) return refused("'[' of the IPv6 address is never closed");
        host = text.substr(1, bracket - 1);
        port = text.substr(bracket + 1);
        if (!port.empty() && port.front() != ':') return refused("something other than a port follows ']'");
        if (!port.empty()) port.remove_prefix(1);
    } else if (std::size_t const colon = text.find(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    auto plain = percent_decode(host);
    if (!plain || plain->empty()) return refused("it has no host");
    uri.host = std::move(*plain);
    if (port.empty()) return {};
    unsigned number = 0;
    auto const [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (wrong != std::errc() || end != port.data() + port.size() || number == 0 || number > 65535)
        return refused("the port is not a number from 1 to 65535");
    uri.port = static_cast<std::uint16_t>(number);
    return {};
}

Result<std::vector<std::string>> split_path(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        std::size_t const slash = path.find('/');
        std::string_view const part = path.substr(0, slash);
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
        if (part.empty()) continue;
        auto plain = percent_decode(part);
        if (!plain) return refused("'%' without two hex digits in the path");
        bool const leaves =
            *plain == "." || *plain == ".." || plain->find_first_of(std::string_view("/\\\0", 3)) != std::string::npos;
        if (leaves) return refused("a component of the path is '.', '..' or holds a separator");
        parts.push_back(std::move(*plain));
    }
    return parts;
}

}  // namespace

Result<SmbUri> parse_smb_uri(std::string_view text) {
    constexpr std::string_view scheme = "smb://";
    if (!equal_ignoring_case(text.substr(0, scheme.size()), scheme)) return refused("it does not start with smb://");
    text.remove_prefix(scheme.size());
    if (text.find_first_of("?#") != std::string_view::npos)
        return refused("it contains '?' or '#'; in a name or password they are %3F and %23");
    std::size_t const slash = text.find('/');
    if (slash == std::string_view::npos) return refused("it has no share");
    std::string_view authority = text.substr(0, slash);

    SmbUri uri;
    if (std::size_t const at = authority.find('@'); at != std::string_view::npos) {
        if (authority.find('@', at + 1) != std::string_view::npos)
            return refused("more than one '@' before the host; in a password it is %40");
        if (auto taken = take_user_info(authority.substr(0, at), uri); !taken) return taken.error();
        authority.remove_prefix(at + 1);
    }
    if (auto taken = take_host(authority, uri); !taken) return taken.error();
    auto parts = split_path(text.substr(slash));
    if (!parts) return parts.error();
    if (parts->empty()) return refused("it has no share");
    if (parts->size() == 1) return refused("it has no folder inside the share");
    uri.share = std::move(parts->front());
    uri.folder = std::move(parts->back());
    for (std::size_t i = 1; i + 1 < parts->size(); ++i) uri.directories.push_back(std::move((*parts)[i]));
    return uri;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (char const c : text) {
        bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~").find(c) != std::string_view::npos;
        if (plain) {
            encoded += c;
            continue;
        }
        auto const byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += digits[byte >> 4U];
        encoded += digits[byte & 15U];
    }
    return encoded;
}

}  // namespace sb::sim
