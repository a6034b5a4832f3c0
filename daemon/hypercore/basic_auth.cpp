#include "daemon/hypercore/basic_auth.hpp"

namespace sb::hypercore {

Secret basic_authorization(std::string const& username, Secret const& password) {
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string joined;
    joined.reserve(username.size() + password.reveal().size() + 1);
    joined += username;
    joined += ':';
    joined += password.reveal();
    Secret const plain(std::move(joined));
    std::string const& bytes = plain.reveal();
    std::string header;
    header.reserve(bytes.size() * 2 + 16);
    header += "Basic ";
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        auto const byte = [&](std::size_t i) -> unsigned {
            return at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u;
        };
        unsigned const group = byte(0) << 16 | byte(1) << 8 | byte(2);
        header += alphabet[group >> 18];
        header += alphabet[group >> 12 & 63];
        header += at + 1 < bytes.size() ? alphabet[group >> 6 & 63] : '=';
        header += at + 2 < bytes.size() ? alphabet[group & 63] : '=';
    }
    return Secret(std::move(header));
}

}  // namespace sb::hypercore
