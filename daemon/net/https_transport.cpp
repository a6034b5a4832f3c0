#include "daemon/net/https_transport.hpp"

#include "daemon/net/connection_pool.hpp"

#include <boost/system/system_error.hpp>

namespace sb::net {
namespace {

class HttpsTransport final : public Transport {
public:
    HttpsTransport(asio::any_io_executor executor, Endpoint endpoint, std::vector<config::Fingerprint> pins,
                   ConnectionLimits limits)
        : pool_(std::make_shared<ConnectionPool>(executor,
                                                 std::make_shared<TlsClient>(CertificateCheck::pinned, std::move(pins)),
                                                 std::move(endpoint), limits)) {}
    ~HttpsTransport() override { pool_->close(); }

    task<ExchangeResult> exchange(HttpRequest request) override;
    Counters counters() const override { return pool_->counters(); }
    void close() override { pool_->close(); }

private:
    task<void> try_once(std::shared_ptr<ConnectionPool> pool, HttpRequest const& request, Clock::time_point deadline,
                        ConnectionPool::Which which, Exchange& about, bool& reused);

    std::shared_ptr<ConnectionPool> pool_;
};

task<void> HttpsTransport::try_once(std::shared_ptr<ConnectionPool> pool, HttpRequest const& request,
                                    Clock::time_point deadline, ConnectionPool::Which which, Exchange& about,
                                    bool& reused) {
    auto lease = co_await pool->acquire(which, deadline);
    if (!lease) {
        about.error = lease.error();
        co_return;
    }
    reused = lease->reused();
    Secret wire = to_wire(request, pool->endpoint());
    if (request.content) co_await lease->connection().send(std::move(wire), request, about);
    else co_await lease->connection().talk(std::move(wire), request.max_body, deadline, about);
    bool const server_ends = about.lost || (about.reply && !about.keep);
    if (server_ends) ++pool->counters().closed_by_server;
    if (about.reply && about.keep) lease->give_back();
}

task<ExchangeResult> HttpsTransport::exchange(HttpRequest request) {
    auto const deadline = Clock::now() + request.limit;
    auto const pool = pool_;
    Exchange about;
    try {
        bool reused = false;
        // Content can be sent once: not over a connection that may have been given up.
        auto const which = request.content ? ConnectionPool::Which::fresh : ConnectionPool::Which::any;
        co_await try_once(pool, request, deadline, which, about, reused);
        // A kept connection that the server closed meanwhile says nothing about the server: retry on a fresh one. A
        // POST only if it cannot have been read.
        bool const stale = reused && about.lost && !about.reply_started && !request.content;
        if (stale && (request.method == Method::get || about.sent == Sent::no)) {
            about = Exchange();
            co_await try_once(pool, request, deadline, ConnectionPool::Which::fresh, about, reused);
        }
    } catch (boost::system::system_error const& stopped) {
        if (stopped.code() != asio::error::operation_aborted) throw;
        about.reply.reset();
        about.error = Error{Errc::cancelled, "the request to " + to_text(pool->endpoint()) + " was cancelled"};
    }
    if (about.reply) co_return std::move(*about.reply);
    co_return ExchangeFailure{about.sent, std::move(about.error)};
}

}  // namespace

std::unique_ptr<Transport> make_https_transport(asio::any_io_executor executor, Endpoint endpoint,
                                                std::vector<config::Fingerprint> pins, ConnectionLimits limits) {
    return std::make_unique<HttpsTransport>(executor, std::move(endpoint), std::move(pins), limits);
}

task<Result<std::vector<DetectedCertificate>>> detect_fingerprints(asio::any_io_executor executor, Endpoint endpoint,
                                                                   ConnectionLimits limits) {
    auto const tls = std::make_shared<TlsClient>(CertificateCheck::accept_any, std::vector<config::Fingerprint>());
    Connection connection(executor, tls, endpoint, limits, std::make_shared<Counters>());
    auto opened = co_await connection.open(Clock::now() + limits.connect + limits.handshake);
    auto const& chain = connection.handshake().chain;
    if (chain.empty() && !opened) co_return opened.error();
    co_return chain;
}

task<Result<void>> check_server(asio::any_io_executor executor, Endpoint endpoint,
                                std::vector<config::Fingerprint> pins, ConnectionLimits limits) {
    auto const tls = std::make_shared<TlsClient>(CertificateCheck::pinned, std::move(pins));
    Connection connection(executor, tls, endpoint, limits, std::make_shared<Counters>());
    co_return co_await connection.open(Clock::now() + limits.connect + limits.handshake);
}

}  // namespace sb::net
