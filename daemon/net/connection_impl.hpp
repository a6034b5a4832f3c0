#pragma once
// The parts of a connection, and how it reads a reply. Included by connection.cpp, read_reply.cpp and
// send_content.cpp only.

#include "daemon/net/connection.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace sb::net {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = http::response_parser<http::string_body>;

struct Connection::Impl {
    Impl(asio::any_io_executor executor, std::shared_ptr<TlsClient> tls_client, Endpoint to, ConnectionLimits with,
         std::shared_ptr<Counters> count)
        : tls(std::move(tls_client)),
          endpoint(std::move(to)),
          limits(with),
          counters(std::move(count)),
          stream(executor, tls->context()),
          watchdog(executor, stream.next_layer()),
          idle_timer(executor) {}

    std::shared_ptr<TlsClient> tls;
    Endpoint endpoint;
    ConnectionLimits limits;
    std::shared_ptr<Counters> counters;
    Handshake handshake;  // before the stream: OpenSSL points to it
    asio::ssl::stream<tcp::socket> stream;
    Watchdog watchdog;
    asio::steady_timer idle_timer;
    /// Beast bounds headers and bodies, but neither what follows a chunk's length nor trailers: those end here.
    static constexpr std::size_t longest_part = std::size_t{256} << 10;
    beast::flat_buffer buffer{longest_part};
    std::uint64_t watch_round = 0;
    bool connected = false;

    void close() {
        error_code ignored;
        stream.next_layer().close(ignored);
        watchdog.disarm();
        if (connected) --counters->open;
        connected = false;
    }
};

/// Reads one reply into `parser`; interim replies (1xx) are skipped. `about` and the rest must outlive the call.
task<void> read_reply(Connection::Impl& connection, std::size_t max_body, std::optional<Parser>& parser,
                      Exchange& about, error_code& ec);
/// The result of the exchange: a reply, or the error for `ec` and the watchdog. Throws operation_aborted if it was
/// cancelled.
void conclude(Connection::Impl& connection, std::optional<Parser>& parser, error_code ec, std::size_t max_body,
              Exchange& about);

}  // namespace sb::net
