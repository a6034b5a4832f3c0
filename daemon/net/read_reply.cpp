#include "daemon/net/connection_impl.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>

namespace sb::net {
namespace {

bool is_http_noise(error_code ec) {
    return ec.category() == http::make_error_code(http::error::bad_version).category() &&
           ec != http::error::end_of_stream && ec != http::error::partial_message;
}

/// For a message that ends with the connection, many servers also omit the TLS shutdown.
bool ends_with_the_connection(Parser& parser, error_code ec) {
    return ec == asio::ssl::error::stream_truncated && parser.is_header_done() && parser.need_eof();
}

HttpReply reply_from(http::response<http::string_body>&& message) {
    HttpReply reply;
    reply.status = message.result_int();
    reply.content_type = std::string(message[http::field::content_type]);
    reply.location = std::string(message[http::field::location]);
    // Of two dates, which one is the server's cannot be known.
    if (message.count(http::field::date) == 1) reply.date = std::string(message[http::field::date]);
    reply.body = std::move(message.body());
    return reply;
}

}  // namespace

task<void> read_reply(Connection::Impl& c, std::size_t max_body, std::optional<Parser>& parser, Exchange& about,
                      error_code& ec) {
    do {  // 1xx are interim replies
        parser.emplace();
        parser->body_limit(max_body);
        parser->header_limit(64 * 1024);
        co_await http::async_read(c.stream, c.buffer, *parser, asio::redirect_error(asio::use_awaitable, ec));
        about.reply_started = about.reply_started || parser->got_some() || c.buffer.size() > 0;
        if (ends_with_the_connection(*parser, ec)) parser->put_eof(ec);
    } while (!ec && parser->get().result_int() < 200);
}

void conclude(Connection::Impl& c, std::optional<Parser>& parser, error_code ec, std::size_t max_body,
              Exchange& about) {
    std::string const where = to_text(c.endpoint);
    if (c.watchdog.expired()) {
        about.error = Error{Errc::timed_out, "no reply from " + where + " in time"};
    } else if (!ec) {
        about.keep = parser->keep_alive() && c.buffer.size() == 0;
        about.reply = reply_from(parser->release());
    } else if (ec == asio::error::operation_aborted) {
        throw_cancelled();
    } else if (ec == http::error::body_limit) {
        about.error =
            Error{Errc::malformed, "the reply of " + where + " is larger than " + std::to_string(max_body) + " bytes"};
    } else if (is_http_noise(ec)) {
        about.error = Error{Errc::malformed, "the reply of " + where + " is not HTTP: " + ec.message()};
    } else {
        about.lost = true;
        about.error =
            Error{Errc::unreachable, "the connection to " + where + " ended before the reply: " + ec.message()};
    }
}

}  // namespace sb::net
