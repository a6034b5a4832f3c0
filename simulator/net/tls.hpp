#pragma once
// The cluster's TLS server: its certificate, further certificates, and session tickets.

#include "common/error.hpp"

#include <string>

namespace boost::asio::ssl {
class context;
}

namespace sb::sim {

struct TlsFiles {
    std::string certificate;  ///< PEM file; "" = generate a self-signed one, CN localhost.localdomain
    std::string key;
    std::string extra_chain;  ///< PEM file of certificates sent after the leaf; "" = none
};

/// Prepares `context` for a server. Returns the leaf's SHA-256 fingerprint, "AA:BB:…".
Result<std::string> set_up_tls(boost::asio::ssl::context& context, TlsFiles const& files);

}  // namespace sb::sim
