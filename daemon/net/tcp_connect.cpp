#include "daemon/net/tcp_connect.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>

namespace sb::net {

using asio::ip::tcp;

Watchdog::Watchdog(asio::any_io_executor executor, tcp::socket& socket)
    : state_(std::make_shared<State>(State{&socket, 0, false})), timer_(executor) {}

void Watchdog::arm(Clock::time_point deadline) {
    disarm();
    state_->expired = false;
    timer_.expires_at(deadline);
    auto on_time = [weak = std::weak_ptr<State>(state_), round = state_->round](boost::system::error_code ec) {
        auto const state = weak.lock();
        if (ec || !state || state->round != round) return;
        state->expired = true;
        boost::system::error_code ignored;
        state->socket->close(ignored);
    };
    timer_.async_wait(std::move(on_time));
}

void Watchdog::disarm() {
    ++state_->round;
    timer_.cancel();
}

void throw_cancelled() { throw boost::system::system_error(asio::error::operation_aborted); }

namespace {

/// getaddrinfo cannot be interrupted: after the deadline it ends unobserved.
struct Lookup {
    explicit Lookup(asio::any_io_executor executor) : resolver(executor), done(executor) {}
    tcp::resolver resolver;
    asio::steady_timer done;
    std::optional<boost::system::error_code> outcome;
    std::vector<tcp::endpoint> found;
};

}  // namespace

task<Result<std::vector<tcp::endpoint>>> resolve(asio::any_io_executor executor, Endpoint endpoint,
                                                 Clock::time_point deadline) {
    boost::system::error_code is_a_name;
    auto const address = asio::ip::make_address(endpoint.host, is_a_name);
    if (!is_a_name) co_return std::vector{tcp::endpoint(address, endpoint.port)};

    auto lookup = std::make_shared<Lookup>(executor);
    lookup->done.expires_at(deadline);
    auto on_found = [lookup](boost::system::error_code ec, tcp::resolver::results_type const& results) {
        for (auto const& entry : results) lookup->found.push_back(entry.endpoint());
        lookup->outcome = ec;
        lookup->done.cancel();
    };
    lookup->resolver.async_resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::numeric_service,
                                   std::move(on_found));
    boost::system::error_code woken;
    co_await lookup->done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (!lookup->outcome && woken) throw_cancelled();
    std::string const what = "cannot resolve '" + endpoint.host + "': ";
    if (!lookup->outcome) co_return Error{Errc::timed_out, what + "no reply from the name service in time"};
    if (*lookup->outcome) co_return Error{Errc::unreachable, what + lookup->outcome->message()};
    if (lookup->found.empty()) co_return Error{Errc::unreachable, what + "the name has no address"};
    co_return std::move(lookup->found);
}

task<Result<void>> connect(tcp::socket& socket, Watchdog& watchdog, Endpoint endpoint, Clock::time_point deadline) {
    auto addresses = co_await resolve(socket.get_executor(), endpoint, deadline);
    if (!addresses) co_return addresses.error();
    Error last{Errc::unreachable, "no address"};
    auto left = static_cast<Clock::duration::rep>(addresses->size());
    for (auto const& address : *addresses) {
        boost::system::error_code ignored, ec;
        socket.close(ignored);
        auto const now = Clock::now();
        watchdog.arm(now + (deadline - now) / left--);
        co_await socket.async_connect(address, asio::redirect_error(asio::use_awaitable, ec));
        watchdog.disarm();
        if (!ec && !watchdog.expired()) {
            socket.set_option(tcp::no_delay(true), ignored);
            socket.set_option(tcp::socket::keep_alive(true), ignored);
            co_return boost::system::in_place_value;
        }
        std::string const what = "no connection to " + to_text(endpoint) + ": ";
        if (watchdog.expired()) {
            last = Error{Errc::timed_out, what + "no reply in time"};
        } else {
            if (ec == asio::error::operation_aborted) throw_cancelled();
            last = Error{Errc::unreachable, what + ec.message()};
        }
    }
    co_return last;
}

std::string to_text(Endpoint const& endpoint) {
    bool const is_v6 = endpoint.host.find(':') != std::string::npos;
    std::string text = is_v6 ? "[" + endpoint.host + "]" : endpoint.host;
    if (endpoint.port != 443) text += ":" + std::to_string(endpoint.port);
    return text;
}

}  // namespace sb::net
