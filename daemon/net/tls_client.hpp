#pragma once
// OpenSSL for this module: the pin, the last session for resumption, the details of certificates.

#include "daemon/net/https_transport.hpp"

#include <boost/asio/ssl/context.hpp>

#include <vector>

namespace sb::net {

class TlsClient;

/// What happens in one handshake. Must live as long as its SSL object.
struct Handshake {
    TlsClient* client = nullptr;
    std::vector<DetectedCertificate> chain;  ///< as the server sent it, leaf first; empty when resumed
    bool refused = false;                    ///< the leaf is not a pinned one
};

/// How certificates are checked. `accept_any` accepts every one, so nothing may be sent over such a connection.
enum class CertificateCheck { pinned, accept_any };

class TlsClient {
public:
    TlsClient(CertificateCheck check, std::vector<config::Fingerprint> pins);
    TlsClient(TlsClient const&) = delete;
    TlsClient& operator=(TlsClient const&) = delete;

    asio::ssl::context& context() { return context_; }

    /// Before a handshake: name indication, the session to resume, the record to fill.
    void prepare(SSL* ssl, std::string const& host, Handshake& handshake);
    /// After a handshake. Repeats the handshake's check, since a resumed one sends no certificate and is only as
    /// trustworthy as its session.
    bool peer_is_pinned(SSL* ssl) const;
    static bool was_resumed(SSL* ssl);
    /// The next handshake is a full one.
    void forget_session() { session_.clear(); }

    /// The fingerprint that was sent, the expected ones, and what to do.
    Error pin_error(std::string const& where, Handshake const& handshake) const;

private:
    static int verify_chain(X509_STORE_CTX* store, void* self);
    static int keep_session(SSL* ssl, SSL_SESSION* session);
    bool is_pinned(config::Fingerprint const& leaf) const;

    CertificateCheck check_;
    std::vector<config::Fingerprint> pins_;
    asio::ssl::context context_;
    /// Serialized: OpenSSL marks a live session object as unusable when its connection ends without a TLS shutdown.
    std::vector<unsigned char> session_;
};

}  // namespace sb::net
