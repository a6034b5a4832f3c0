#pragma once
// HTTPS with a pinned certificate over a small pool of kept-alive connections: the real Transport, and the
// look at a server's certificates before any pin is known.

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
    /// A request that waits this long behind slow ones gets a further connection.
    Milliseconds patience{300};
    std::size_t normal_connections = 3;
    std::size_t most_connections = 8;
};

struct Endpoint {
    std::string host;  ///< name or address, no brackets
    std::uint16_t port = 443;
};

/// "10.0.0.5", "[fd00::1]:8443": as in a URL; the port only if it is not 443.
std::string to_text(Endpoint const& endpoint);

/// A request leaves only after the server's leaf certificate had one of `pins` as its SHA-256. Nothing else of
/// the chain counts: names, dates and issuers do not matter, and a pinned certificate further up is worth nothing.
/// No pins = nothing is ever sent.
std::unique_ptr<Transport> make_https_transport(asio::any_io_executor executor, Endpoint endpoint,
                                                std::vector<config::Fingerprint> pins, ConnectionLimits limits);

/// A certificate that a server showed.
struct DetectedCertificate {
    config::Fingerprint fingerprint{};
    std::string subject;  ///< the common name, or the whole name if there is none
    UtcTime not_before, not_after;
};

/// "54:41:D0:…": as people compare it and as the config takes it.
std::string to_text(config::Fingerprint const& fingerprint);

/// The server's chain, leaf first. Only the TLS handshake is done: no request, no password.
task<Result<std::vector<DetectedCertificate>>> detect_fingerprints(asio::any_io_executor executor, Endpoint endpoint,
                                                                   ConnectionLimits limits);

/// Whether the server answers and shows one of `pins`: a TLS handshake, then goodbye. Errors: unreachable, timed_out,
/// pin_mismatch.
task<Result<void>> check_server(asio::any_io_executor executor, Endpoint endpoint,
                                std::vector<config::Fingerprint> pins, ConnectionLimits limits);

}  // namespace sb::net
