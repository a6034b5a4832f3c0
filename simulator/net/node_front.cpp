#include "simulator/net/node_front.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sb::sim {

using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

namespace {

std::shared_ptr<asio::ssl::context> fresh_context() {
    return std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
}

}  // namespace

NodeFront::NodeFront(asio::any_io_executor executor, int number, TlsFiles files)
    : executor_(executor),
      number_(number),
      files_(std::move(files)),
      tls_(fresh_context()),
      acceptor_(executor),
      opened_(executor, asio::steady_timer::time_point::max()) {}

Result<void> NodeFront::open(Tcp::endpoint wanted) {
    auto const fingerprint = set_up_tls(*tls_, files_);
    if (!fingerprint) return fingerprint.error();
    fingerprint_ = *fingerprint;
    endpoint_ = wanted;
    if (auto const error = listen_again())
        return Error{Errc::io, "listen on port " + std::to_string(wanted.port()) + ": " + error.message()};
    endpoint_ = acceptor_.local_endpoint();
    return {};
}

error_code NodeFront::listen_again() {
    error_code error;
    acceptor_.open(endpoint_.protocol(), error);
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint_, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    return error;
}

task<void> NodeFront::serve(Server& server, ConnectionLimits limits) {
    for (;;) {
        error_code error;
        if (!acceptor_.is_open()) {
            co_await opened_.async_wait(redirect_error(use_awaitable, error));
            continue;
        }
        auto socket = co_await acceptor_.async_accept(redirect_error(use_awaitable, error));
        if (error) continue;
        socket.set_option(Tcp::no_delay(true), error);
        asio::co_spawn(executor_, serve_connection(std::move(socket), *this, server, limits), asio::detached);
    }
}

void NodeFront::drop_connections() {
    error_code ignored;
    for (auto* socket : *sockets_) socket->close(ignored);
}

task<void> NodeFront::pause(double seconds) {
    asio::steady_timer timer(executor_, std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6)));
    error_code error;
    co_await timer.async_wait(redirect_error(use_awaitable, error));
}

task<void> NodeFront::go_away(std::vector<std::string> stages, double seconds) {
    for (auto const& stage : stages) {
        stage_ = stage;
        error_code ignored;
        if (stage == "refuse") acceptor_.close(ignored);
        drop_connections();
        co_await pause(seconds);
        if (stage != "refuse") continue;
        while (listen_again()) {
            acceptor_.close(ignored);
            co_await pause(0.05);
        }
        opened_.cancel();
    }
    stage_.clear();
    drop_connections();
}

task<void> NodeFront::change_certificate(double seconds) {
    auto const old = tls_;
    tls_ = fresh_context();
    (void)set_up_tls(*tls_, TlsFiles());
    drop_connections();
    if (seconds <= 0) co_return;
    co_await pause(seconds);
    tls_ = old;
    drop_connections();
}

}  // namespace sb::sim
