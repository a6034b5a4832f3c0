#pragma once
// The cluster's face in TLS: its certificate, what else it sends along, and session tickets.

#include "common/error.hpp"

#include <string>

namespace boost::asio::ssl {
class context;
}

namespace sb::sim {

struct TlsFiles {
    std::string certificate;  ///< PEM file; "" = make a self-signed one, CN localhost.localdomain
    std::string key;
    std::string extra_chain;  ///< PEM file of certificates that are sent after the leaf; "" = none
};

/// Makes `context` ready to serve. Returns the leaf's SHA-256 fingerprint, "AA:BB:…".
Result<std::string> set_up_tls(boost::asio::ssl::context& context, TlsFiles const& files);

}  // namespace sb::sim
