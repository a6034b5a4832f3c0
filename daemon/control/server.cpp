#include "daemon/control/server.hpp"

#include "daemon/async/failure.hpp"
#include "daemon/control/session.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>

namespace sb::control {
namespace {

/// A session that threw has a bug; only that session ends.
void log_crash(std::exception_ptr crash) {
    spdlog::error("control: session closed: {}", internal_error(exception_text(crash)).context);
}

}  // namespace

Server::Server(asio::any_io_executor executor, std::unique_ptr<ipc::Listener> listener, ServerOptions options)
    : executor_(executor),
      listener_(std::move(listener)),
      options_(std::move(options)),
      handlers_(options_.permit, options_.ready),
      group_(executor, log_crash) {}

Server::~Server() = default;

void Server::start() { group_.spawn(accept_clients()); }

task<void> Server::accept_clients() {
    asio::steady_timer pause{executor_};
    for (;;) {
        auto connection = co_await listener_->accept();
        if (connection) {
            admit(std::move(*connection));
            continue;
        }
        if (connection.error().code == Errc::cancelled) co_return;
        spdlog::warn("control: {}", connection.error().context);
        // Most likely out of file descriptors: trying again immediately would only keep the loop busy.
        pause.expires_after(std::chrono::milliseconds{200});
        boost::system::error_code stopped;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
    }
}

void Server::admit(ipc::Connection connection) {
    std::erase_if(sessions_, [](auto const& session) { return session.expired(); });
    if (session_count() >= options_.max_sessions) drop_abandoned();
    bool const is_full = session_count() >= options_.max_sessions && !make_room();
    if (is_full || sessions_.size() >= options_.max_calls) {
        spdlog::warn("control: {}: connection refused: {} clients are busy", describe(connection.peer),
                     options_.max_sessions);
        group_.spawn(refuse(std::move(connection), options_.max_sessions));
        return;
    }
    auto const session = std::make_shared<Session>(executor_, std::move(connection), handlers_, options_);
    sessions_.push_back(session);
    group_.spawn(Session::read(session));
    group_.spawn(Session::write(session));
}

/// While the cluster or LocalPath hangs, so do the calls of clients that have given up; they need no connection.
void Server::drop_abandoned() {
    for (auto const& weak : sessions_)
        if (auto const session = weak.lock(); session && session->is_abandoned()) session->drop({});
}

/// Closes the client that has been idle for longest: connections that were left open do not block new ones.
bool Server::make_room() {
    std::shared_ptr<Session> idlest;
    for (auto const& weak : sessions_) {
        auto session = weak.lock();
        auto const since = session ? session->idle_since() : std::nullopt;
        if (since && (!idlest || *since < *idlest->idle_since())) idlest = std::move(session);
    }
    if (!idlest) return false;
    idlest->drop("it is idle and another client wants to connect");
    return true;
}

task<void> Server::refuse(ipc::Connection connection, std::size_t limit) {
    Error const error{Errc::refused, std::to_string(limit) + " clients are busy; try again later"};
    auto const text = rpc::error_text("null", rpc::fault_of(error));
    // One short line into an empty connection: it fits, so this does not wait for the client.
    co_await connection.stream->write_all(rpc::as_line(text));
    connection.stream->close();
}

void Server::publish(rpc::JobChanged::Params const& change) {
    Text text;
    auto const job = change.job.id;
    for (auto const& weak : sessions_) {
        auto const session = weak.lock();
        if (!session || !session->wants(job)) continue;
        if (!text)
            text =
                std::make_shared<std::string const>(rpc::notification_text(rpc::JobChanged::name, rpc::encode(change)));
        session->notify(job, text);
    }
}

void Server::stop() {
    listener_->close();
    group_.stop();
}

task<void> Server::join() { co_await group_.join(); }

std::size_t Server::session_count() const {
    auto const is_open = [](auto const& weak) {
        auto const session = weak.lock();
        return session && !session->closed();
    };
    return static_cast<std::size_t>(std::ranges::count_if(sessions_, is_open));
}

}  // namespace sb::control
