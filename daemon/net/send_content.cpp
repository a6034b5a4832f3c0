// A request whose content is sent piece by piece while the connection reads, in case the reply comes early.

#include "daemon/net/connection_impl.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <vector>

namespace sb::net {
namespace {

constexpr std::size_t piece_size = 256UL * 1024;
/// How long a server that stopped receiving may take to reply with the reason.
constexpr std::chrono::seconds last_words{3};

/// The half that writes.
struct Sending {
    std::uint64_t sent = 0;     ///< bytes of the content
    bool whole = false;         ///< all of it, so that the connection can be reused
    std::optional<Error> ours;  ///< the content could not be read: not the server's fault
};

task<void> write_all(Connection::Impl& c, std::string const& head, HttpRequest const& request, Sending& sending) {
    error_code ec;
    co_await asio::async_write(c.stream, asio::buffer(head), asio::redirect_error(asio::use_awaitable, ec));
    std::vector<char> piece(piece_size);
    auto const size = request.content->size();
    while (!ec && sending.sent < size) {
        auto const wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), size - sending.sent));
        std::span<char> const room(piece.data(), wanted);
        auto const got = co_await request.content->read_some(room);
        if (!got) {
            sending.ours = got.error();
            c.close();  // an incomplete request can only be abandoned
            break;
        }
        c.watchdog.arm(Clock::now() + request.limit);
        auto const out = asio::buffer(piece.data(), *got);
        co_await asio::async_write(c.stream, out, asio::redirect_error(asio::use_awaitable, ec));
        if (!ec) sending.sent += *got;
    }
    sending.whole = !ec && !sending.ours;
    if (ec && !c.watchdog.expired()) c.watchdog.arm(Clock::now() + last_words);
    // The reading half ends the exchange.
    asio::steady_timer never(c.stream.get_executor(), asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::redirect_error(asio::use_awaitable, ec));
}

std::string how_far(Sending const& sending, std::uint64_t size) {
    return "after " + std::to_string(sending.sent) + " of " + std::to_string(size) + " bytes";
}

}  // namespace

task<void> Connection::send(Secret head, HttpRequest const& request, Exchange& about) {
    using namespace asio::experimental::awaitable_operators;
    Impl& c = *impl_;
    ++c.counters->requests;
    about.sent = Sent::maybe;
    c.watchdog.arm(Clock::now() + request.limit);
    Sending sending;
    std::optional<Parser> parser;
    error_code ec;
    auto reading = read_reply(c, request.max_body, parser, about, ec);
    auto writing = write_all(c, head.reveal(), request, sending);
    co_await (std::move(reading) || std::move(writing));
    auto const expired = c.watchdog.expired();
    c.watchdog.disarm();
    if (sending.ours) {
        about.error = *sending.ours;
        about.sent = Sent::no;  // an incomplete request is not executed
        co_return;
    }
    conclude(c, parser, ec, request.max_body, about);
    about.keep = about.keep && sending.whole;
    if (about.reply) co_return;
    if (!sending.whole) about.sent = Sent::no;  // an incomplete request is not executed
    auto const size = request.content->size();
    if (expired && sending.whole) about.error.context += " after all " + std::to_string(size) + " bytes had been sent";
    else
        about.error =
            Error{about.error.code, "the connection to " + to_text(c.endpoint) + " was lost " + how_far(sending, size)};
}

}  // namespace sb::net
