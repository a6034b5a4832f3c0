#include "tls_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <list>
#include <stdexcept>

namespace sb::net::test {

using asio::ip::tcp;
using boost::system::error_code;

TestCertificate make_certificate(std::string common_name, int begin_days, int end_days) {
    TestCertificate made;
    made.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
    made.certificate.reset(X509_new(), X509_free);
    X509* const x = made.certificate.get();
    static long serial = 1;
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), 86'400L * begin_days);
    X509_gmtime_adj(X509_getm_notAfter(x), 86'400L * end_days);
    auto const* name = reinterpret_cast<unsigned char const*>(common_name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_set_pubkey(x, made.key.get());
    if (X509_sign(x, made.key.get(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign a certificate");
    std::vector<unsigned char> der(static_cast<std::size_t>(i2d_X509(x, nullptr)));
    unsigned char* out = der.data();
    i2d_X509(x, &out);
    SHA256(der.data(), der.size(), made.fingerprint.data());
    return made;
}

void Event::set() {
    set_ = true;
    timer_.cancel();
}

task<void> Event::wait() {
    error_code woken;
    if (!set_) co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

Answer ok(std::string body, std::string more_headers) {
    return Answer{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n" + more_headers + "\r\n" + body,
                  false};
}

struct TlsServer::Private {
    asio::io_context& io;
    ServerOptions options;
    asio::ssl::context context{asio::ssl::context::tls_server};
    std::list<std::weak_ptr<tcp::socket>> sockets;
};

namespace {
void on_crash(std::exception_ptr crash) { std::rethrow_exception(crash); }
}  // namespace

TlsServer::TlsServer(asio::io_context& io, ServerOptions options)
    : first_accepted(io.get_executor()),
      first_request(io.get_executor()),
      a_connection_ended(io.get_executor()),
      private_(new Private{io, std::move(options)}),
      acceptor_(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
      port_(acceptor_.local_endpoint().port()),
      group_(io.get_executor(), on_crash) {
    auto& settings = private_->options;
    SSL_CTX* const native = private_->context.native_handle();
    SSL_CTX_use_certificate(native, settings.certificate.certificate.get());
    SSL_CTX_use_PrivateKey(native, settings.certificate.key.get());
    for (auto const& more : settings.appended) {
        // This call takes its own reference.
        SSL_CTX_ctrl(native, SSL_CTRL_CHAIN_CERT, 1, more.certificate.get());
    }
    if (settings.tls12_only) SSL_CTX_set_max_proto_version(native, TLS1_2_VERSION);
    group_.spawn(accept_loop());
}

TlsServer::~TlsServer() = default;

config::Fingerprint TlsServer::pin() const { return private_->options.certificate.fingerprint; }

void TlsServer::drop_connections() {
    error_code ignored;
    for (auto const& weak : private_->sockets) {
        if (auto const socket = weak.lock()) socket->close(ignored);
    }
    private_->sockets.clear();
}

task<void> TlsServer::stop() {
    group_.stop();
    error_code ignored;
    acceptor_.close(ignored);
    co_await group_.join();
}

task<void> TlsServer::accept_loop() {
    for (;;) {
        auto socket = std::make_shared<tcp::socket>(private_->io);
        error_code ec;
        co_await acceptor_.async_accept(*socket, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        socket->set_option(tcp::no_delay(true), ec);
        ++accepted;
        private_->sockets.push_back(socket);
        group_.spawn(serve(socket, accepted));
        first_accepted.set();
    }
}

task<void> TlsServer::serve(std::shared_ptr<tcp::socket> socket, int number) {
    ++open;
    struct Ended {
        TlsServer& server;
        ~Ended() {
            --server.open;
            server.a_connection_ended.set();
        }
    };
    Ended const ended{*this};
    error_code ec;
    if (private_->options.silent) {
        co_await socket->async_wait(tcp::socket::wait_error, asio::redirect_error(asio::use_awaitable, ec));
        co_return;
    }
    if (!private_->options.greeting.empty()) {
        co_await asio::async_write(*socket, asio::buffer(private_->options.greeting),
                                   asio::redirect_error(asio::use_awaitable, ec));
        socket->shutdown(tcp::socket::shutdown_send, ec);
        char rest[4096];
        while (!ec) co_await socket->async_read_some(asio::buffer(rest), asio::redirect_error(asio::use_awaitable, ec));
        co_return;
    }
    asio::ssl::stream<tcp::socket&> stream(*socket, private_->context);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    ++handshakes;
    if (SSL_session_reused(stream.native_handle()) == 1) ++resumed;

    std::string buffer;
    char chunk[4096];
    for (;;) {
        auto const whole = [&buffer]() -> std::size_t {
            auto const end = buffer.find("\r\n\r\n");
            if (end == std::string::npos) return 0;
            auto const at = buffer.find("Content-Length: ");
            std::size_t const body = at < end ? std::stoul(buffer.substr(at + 16, 20)) : 0;
            return buffer.size() >= end + 4 + body ? end + 4 + body : 0;
        };
        while (whole() == 0) {
            auto const n =
                co_await stream.async_read_some(asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, ec));
            if (ec) co_return;
            request_bytes += n;
            buffer.append(chunk, n);
        }
        SeenRequest request;
        request.connection = number;
        auto const head = buffer.find("\r\n\r\n") + 4;
        request.head = buffer.substr(0, head);
        request.body = buffer.substr(head, whole() - head);
        buffer.erase(0, whole());
        requests.push_back(request);
        first_request.set();
        Answer answer = ok();
        if (on_request) answer = co_await on_request(std::move(request));
        co_await asio::async_write(stream, asio::buffer(answer.bytes), asio::redirect_error(asio::use_awaitable, ec));
        if (ec || answer.close) {
            socket->close(ec);
            co_return;
        }
    }
}

}  // namespace sb::net::test
