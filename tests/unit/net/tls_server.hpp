#pragma once
// A small HTTPS server inside the test, on an ephemeral port of the loopback address: the test determines its
// replies; it counts connections and records every request.

#include "daemon/async/task_group.hpp"
#include "daemon/net/https_transport.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <openssl/types.h>

namespace sb::net::test {

struct TestCertificate {
    std::shared_ptr<X509> certificate;
    std::shared_ptr<EVP_PKEY> key;
    config::Fingerprint fingerprint{};  ///< computed from the DER by the test's own code
};
/// Self-signed, valid from `begin_days` to `end_days` from now.
TestCertificate make_certificate(std::string common_name, int begin_days = -1, int end_days = 30);

/// Something that happens once; waiting for it afterwards returns immediately.
class Event {
public:
    explicit Event(asio::any_io_executor executor) : timer_(executor, asio::steady_timer::time_point::max()) {}
    void set();
    task<void> wait();
    bool is_set() const { return set_; }

private:
    asio::steady_timer timer_;
    bool set_ = false;
};

struct SeenRequest {
    std::string head, body;
    int connection = 0;  ///< counted from 1
    bool is_post() const { return head.starts_with("POST"); }
};

struct Answer {
    std::string bytes;   ///< sent unchanged; empty = nothing
    bool close = false;  ///< closes the connection afterwards
};

/// "HTTP/1.1 200 OK" with a length and the given body.
Answer ok(std::string body = "[]", std::string more_headers = "");

struct ServerOptions {
    TestCertificate certificate = make_certificate("localhost.localdomain");
    std::vector<TestCertificate> appended;  ///< to the chain; the server does not have their keys
    bool tls12_only = false;
    bool silent = false;   ///< accepts TCP connections and sends nothing
    std::string greeting;  ///< sent instead of TLS
};

class TlsServer {
public:
    using OnRequest = std::function<task<Answer>(SeenRequest)>;

    TlsServer(asio::io_context& io, ServerOptions options);
    ~TlsServer();

    Endpoint endpoint() const { return Endpoint{"127.0.0.1", port_}; }
    config::Fingerprint pin() const;
    /// Closes every open connection without a TLS shutdown.
    void drop_connections();
    task<void> stop();

    OnRequest on_request;  ///< default: ok() immediately
    std::vector<SeenRequest> requests;
    std::size_t request_bytes = 0;  ///< decrypted bytes that arrived on any connection
    int accepted = 0, handshakes = 0, resumed = 0, open = 0;
    Event first_accepted, first_request, a_connection_ended;

private:
    struct Private;
    task<void> accept_loop();
    task<void> serve(std::shared_ptr<asio::ip::tcp::socket> socket, int number);

    std::unique_ptr<Private> private_;
    asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    TaskGroup group_;
};

}  // namespace sb::net::test
