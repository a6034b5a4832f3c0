#pragma once
// OpenSSL for this room: the pin, the memory of the last session, the look at certificates.

#include "daemon/net/https_transport.hpp"

#include <boost/asio/ssl/context.hpp>

#include <vector>

namespace sb::net {

class TlsClient;

/// What happens in one handshake. Must live as long as its SSL object.
struct Handshake {
    TlsClient* client = nullptr;
    std::vector<DetectedCertificate> chain;  ///< as the server showed it, leaf first; empty when resumed
    bool refused = false;                    ///< the leaf is not a pinned one
};

/// How certificates are judged. `look` accepts every one, so nothing may be sent over such a connection.
enum class Judgement { pinned, look };

class TlsClient {
public:
    TlsClient(Judgement judgement, std::vector<config::Fingerprint> pins);
    TlsClient(TlsClient const&) = delete;
    TlsClient& operator=(TlsClient const&) = delete;

    asio::ssl::context& context() { return context_; }

    /// Before a handshake: name indication, the session to resume, the record to fill.
    void prepare(SSL* ssl, std::string const& host, Handshake& handshake);
    /// After a handshake. It asks again for what the handshake decided, since a resumed one shows no certificate
    /// and is worth what its session is worth.
    bool peer_is_pinned(SSL* ssl) const;
    static bool was_resumed(SSL* ssl);
    /// The next handshake is a full one.
    void forget_session() { session_.clear(); }

    /// What was seen, what was expected, what to do.
    Error pin_error(std::string const& where, Handshake const& handshake) const;

private:
    static int judge_chain(X509_STORE_CTX* store, void* self);
    static int keep_session(SSL* ssl, SSL_SESSION* session);
    bool is_pinned(config::Fingerprint const& leaf) const;

    Judgement judgement_;
    std::vector<config::Fingerprint> pins_;
    asio::ssl::context context_;
    /// Serialized: OpenSSL marks a live session object as unusable when its connection ends without ceremony.
    std::vector<unsigned char> session_;
};

}  // namespace sb::net
