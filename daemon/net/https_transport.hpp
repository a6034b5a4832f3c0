#pragma once
// HTTPS with a pinned certificate over a small pool of persistent connections: the real Transport. Also reads a
// server's certificates before any pin is known.

#include "common/config/model.hpp"
#include "daemon/net/http.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace sb::net {

/// Times and sizes of the connections. The defaults are what the daemon uses; tests make them small.
struct ConnectionLimits {
    Milliseconds connect{10'000};    ///< name lookup and TCP, all addresses together
    Milliseconds handshake{10'000};  ///< TLS
    Milliseconds idle{60'000};       ///< an unused connection is closed after this
    /// A request that waits this long behind slow ones gets an additional connection.
    Milliseconds patience{300};
    std::size_t normal_connections = 3;
    std::size_t max_connections = 8;
};

struct Endpoint {
    std::string host;  ///< name or address, no brackets
    std::uint16_t port = 443;
};

/// "10.0.0.5", "[fd00::1]:8443": as in a URL; the port only if it is not 443.
std::string to_text(Endpoint const& endpoint);

/// A request is sent only after the SHA-256 of the server's leaf certificate matched one of `pins`. Nothing else
/// counts: names, dates and issuers do not matter, nor does a pinned certificate further up the chain. No pins =
/// nothing is ever sent.
std::unique_ptr<Transport> make_https_transport(asio::any_io_executor executor, Endpoint endpoint,
                                                std::vector<config::Fingerprint> pins, ConnectionLimits limits);

/// A certificate that a server sent.
struct DetectedCertificate {
    config::Fingerprint fingerprint{};
    std::string subject;  ///< the common name, or the whole name if it has none
    UtcTime not_before, not_after;
};

/// "54:41:D0:…": as people compare it and as the configuration has it.
std::string to_text(config::Fingerprint const& fingerprint);

/// The server's chain, leaf first. Only the TLS handshake is done: no request, no password.
task<Result<std::vector<DetectedCertificate>>> detect_fingerprints(asio::any_io_executor executor, Endpoint endpoint,
                                                                   ConnectionLimits limits);

/// Whether the server answers and sends one of `pins`: only a TLS handshake. Errors: unreachable, timed_out,
/// pin_mismatch.
task<Result<void>> check_server(asio::any_io_executor executor, Endpoint endpoint,
                                std::vector<config::Fingerprint> pins, ConnectionLimits limits);

}  // namespace sb::net
