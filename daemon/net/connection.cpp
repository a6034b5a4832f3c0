#include "daemon/net/connection.hpp"

#include "daemon/net/connection_impl.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

namespace sb::net {

using boost::system::error_code;

Connection::Connection(asio::any_io_executor executor, std::shared_ptr<TlsClient> tls, Endpoint endpoint,
                       ConnectionLimits limits, std::shared_ptr<Counters> counters)
    : impl_(std::make_shared<Impl>(executor, std::move(tls), std::move(endpoint), limits, std::move(counters))) {}

Connection::~Connection() {
    unwatch();
    close();
}

Handshake const& Connection::handshake() const { return impl_->handshake; }

void Connection::close() { impl_->close(); }

task<Result<void>> Connection::open(Clock::time_point deadline) {
    Impl& c = *impl_;
    auto const connect_by = std::min(deadline, Clock::now() + c.limits.connect);
    auto connected = co_await connect(c.stream.next_layer(), c.watchdog, c.endpoint, connect_by);
    if (!connected) co_return connected.error();
    c.connected = true;
    ++c.counters->connections;
    ++c.counters->open;

    SSL* const ssl = c.stream.native_handle();
    c.tls->prepare(ssl, c.endpoint.host, c.handshake);
    c.watchdog.arm(std::min(deadline, Clock::now() + c.limits.handshake));
    error_code ec;
    co_await c.stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, ec));
    c.watchdog.disarm();
    std::string const where = to_text(c.endpoint);
    if (ec || c.watchdog.expired()) {
        c.tls->forget_session();
        if (c.handshake.refused) co_return c.tls->pin_error(where, c.handshake);
        if (c.watchdog.expired())
            co_return Error{Errc::timed_out, "no TLS connection to " + where + ": no reply in time"};
        if (ec == asio::error::operation_aborted) throw_cancelled();
        co_return Error{Errc::unreachable, "no TLS connection to " + where + ": " + ec.message()};
    }
    if (!c.tls->peer_is_pinned(ssl)) {
        c.tls->forget_session();
        co_return c.tls->pin_error(where, c.handshake);
    }
    ++c.counters->handshakes;
    if (TlsClient::was_resumed(ssl)) ++c.counters->resumed;
    co_return boost::system::in_place_value;
}

namespace {

/// Plain text of one TLS record. A request that fits into one is decrypted whole or not at all.
constexpr std::size_t one_record = 16'384;

}  // namespace

task<void> Connection::talk(Secret wire, std::size_t max_body, Clock::time_point deadline, Exchange& about) {
    Impl& c = *impl_;
    c.watchdog.arm(deadline);
    ++c.counters->requests;
    about.sent = Sent::maybe;
    error_code ec;
    std::string const& text = wire.reveal();
    auto const written =
        co_await asio::async_write(c.stream, asio::buffer(text), asio::redirect_error(asio::use_awaitable, ec));
    // Failed within the first record: its end, which authenticates it, was never sent.
    if (ec && written == 0 && text.size() <= one_record) about.sent = Sent::no;

    std::optional<Parser> parser;
    if (!ec) co_await read_reply(c, max_body, parser, about, ec);
    c.watchdog.disarm();
    conclude(c, parser, ec, max_body, about);
}

void Connection::watch(std::function<void(bool by_server)> gone) {
    Impl& c = *impl_;
    auto const round = ++c.watch_round;
    auto tell = [weak = std::weak_ptr<Impl>(impl_), round, gone = std::move(gone)](error_code ec, bool by_server) {
        auto const impl = weak.lock();
        if (ec || !impl || impl->watch_round != round) return;
        ++impl->watch_round;
        auto const call = gone;  // it may destroy this connection, and with it the owner of this handler
        call(by_server);
    };
    c.stream.next_layer().async_wait(tcp::socket::wait_read, [tell](error_code ec) { tell(ec, true); });
    c.idle_timer.expires_after(c.limits.idle);
    c.idle_timer.async_wait([tell](error_code ec) { tell(ec, false); });
}

void Connection::unwatch() {
    ++impl_->watch_round;
    error_code ignored;
    impl_->stream.next_layer().cancel(ignored);
    impl_->idle_timer.cancel();
}

bool Connection::is_silent() {
    auto& socket = impl_->stream.next_layer();
    if (!socket.is_open()) return false;
    char byte = 0;
    error_code ec;
    socket.non_blocking(true, ec);
    if (ec) return false;
    socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
    return ec == asio::error::would_block;
}

Secret to_wire(HttpRequest const& request, Endpoint const& endpoint) {
    std::string text = std::string(name_of(request.method)) + " " + request.target + " HTTP/1.1\r\n";
    text += "Host: " + to_text(endpoint) + "\r\n";
    text += "User-Agent: scale-backupd/" SB_VERSION "\r\nAccept: application/json\r\n";
    auto const with_secrets = text.size() + request.authorization.reveal().size() + request.body.reveal().size() + 256;
    text.reserve(with_secrets);  // so that no copy remains in outgrown memory
    if (!request.authorization.empty()) {
        text += "Authorization: ";
        text += request.authorization.reveal();
        text += "\r\n";
    }
    if (request.content) {
        text += "Content-Type: application/octet-stream\r\nContent-Length: " + std::to_string(request.content->size()) +
                "\r\n";
    } else if (request.method != Method::get) {
        text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(request.body.reveal().size()) +
                "\r\n";
    }
    text += "\r\n";
    text += request.body.reveal();
    return Secret(std::move(text));
}

}  // namespace sb::net
