#include "daemon/hypercore/encoding.hpp"

#include "common/text/ascii.hpp"

#include <openssl/evp.h>

namespace sb::hypercore {

std::string percent_encode(std::string_view text) {
    static constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    encoded.reserve(text.size() * 3);  // so that no copy of a password remains in outgrown memory
    for (char const c : text) {
        if (unreserved.find(c) != std::string_view::npos) {
            encoded += c;
            continue;
        }
        auto const byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += upper_hex_digit(byte >> 4U);
        encoded += upper_hex_digit(byte);
    }
    return encoded;
}

Secret basic_authorization(std::string const& username, Secret const& password) {
    constexpr std::string_view scheme = "Basic ";
    std::string joined;
    joined.reserve(username.size() + password.reveal().size() + 1);  // so that no copy remains in outgrown memory
    joined += username;
    joined += ':';
    joined += password.reveal();
    Secret const plain(std::move(joined));
    auto const& bytes = plain.reveal();
    std::string header(scheme.size() + (bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL writes a NUL at the end
    header.replace(0, scheme.size(), scheme);
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(header.data()) + scheme.size(),
                    reinterpret_cast<unsigned char const*>(bytes.data()), static_cast<int>(bytes.size()));
    header.pop_back();
    return Secret(std::move(header));
}

namespace {

std::string host_part(config::HostPort const& host) {
    bool const is_v6 = host.host.find(':') != std::string::npos;
    std::string text = is_v6 ? "[" + host.host + "]" : percent_encode(host.host);
    if (host.port) text += ":" + std::to_string(*host.port);
    return text;
}

/// A share may be followed by folders: their slashes are part of the URI.
std::string share_part(std::string_view share) {
    std::string text;
    while (!share.empty()) {
        auto const slash = share.find('/');
        auto const part = share.substr(0, slash);
        if (!part.empty()) text += "/" + percent_encode(part);
        share = slash == std::string_view::npos ? std::string_view() : share.substr(slash + 1);
    }
    return text;
}

}  // namespace

Secret smb_uri(config::Smb const& smb, std::string_view folder) {
    std::string const user = percent_encode(smb.username);
    Secret const password(percent_encode(smb.password.reveal()));
    std::string const where = host_part(smb.host) + share_part(smb.share_name) + "/" + percent_encode(folder);
    std::string uri;
    uri.reserve(smb.domain.size() * 3 + user.size() + password.reveal().size() + where.size() + 16);
    uri += "smb://";
    if (!smb.domain.empty()) uri += percent_encode(smb.domain) + ";";
    uri += user + ":";
    uri += password.reveal();
    uri += "@" + where;
    return Secret(std::move(uri));
}

}  // namespace sb::hypercore
