#include "daemon/control/server.hpp"

#include "daemon/async/failure.hpp"
#include "daemon/control/session.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>

namespace sb::control {
namespace {

/// A session that threw has a bug; only that session ends.
void log_crash(std::exception_ptr crash) {
    spdlog::error("control: session closed: {}", internal_error(exception_text(crash)).context);
}

}  // namespace

/// Counts a client that is given time to read why it was turned away, as long as it lives.
class Server::Farewell {
public:
    using Users = std::multiset<std::optional<std::uint32_t>>;
    Farewell(Users& all, std::optional<std::uint32_t> uid) : all_(all), place_(all.insert(uid)) {}
    Farewell(Farewell const&) = delete;
    Farewell& operator=(Farewell const&) = delete;
    ~Farewell() { all_.erase(place_); }

private:
    Users& all_;
    Users::iterator place_;
};

Server::Server(asio::any_io_executor executor, std::unique_ptr<ipc::Listener> listener, ServerOptions options)
    : executor_(executor),
      listener_(std::move(listener)),
      options_(std::move(options)),
      handlers_(options_.permit, options_.ready),
      group_(executor, log_crash) {}

Server::~Server() = default;

void Server::start() {
    group_.spawn(accept_clients());
    group_.spawn(report_left_out());
}

task<void> Server::accept_clients() {
    asio::steady_timer pause{executor_};
    for (;;) {
        auto connection = co_await listener_->accept();
        if (connection) {
            admit(std::move(*connection));
            continue;
        }
        if (connection.error().code == Errc::cancelled) co_return;
        log_failed_accept(connection.error());
        // Most likely out of file descriptors: trying again immediately would only keep the loop busy.
        pause.expires_after(std::chrono::milliseconds{200});
        boost::system::error_code stopped;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
    }
}

/// A client can cause it, by using up the descriptors, and it is not known which one.
void Server::log_failed_accept(Error const& why) {
    auto const turn = handlers_.peer_log().turn({}, "connections not accepted", std::chrono::steady_clock::now());
    if (turn.has_line) spdlog::warn("control: {}{}", why.context, left_out_text(turn.left_out));
}

/// What the log left out is reported even if its user does not come again.
task<void> Server::report_left_out() {
    asio::steady_timer timer{executor_};
    for (;;) {
        timer.expires_after(std::chrono::minutes{1});
        co_await timer.async_wait(asio::use_awaitable);
        for (auto const& line : handlers_.peer_log().take_overdue(std::chrono::steady_clock::now()))
            spdlog::warn("control: {}", line);
    }
}

void Server::admit(ipc::Connection connection) {
    auto const rank = rank_of(connection.peer, options_.permit);
    if (rank == Rank::stranger)
        return turn_away(std::move(connection), options_.permit(connection.peer, false).error());
    std::erase_if(sessions_, [](auto const& weak) { return weak.expired(); });
    Place const newcomer{rank, connection.peer.uid};
    auto open = open_sessions();
    auto admission = place_for(newcomer, open);
    if (!admission.is_admitted && drop_abandoned(open)) {
        open = open_sessions();
        admission = place_for(newcomer, open);
    }
    if (!admission.is_admitted) return turn_away(std::move(connection), Error{Errc::refused, admission.refusal});
    if (admission.displaced) open[*admission.displaced]->drop("it is idle and another client wants to connect");
    auto const session = std::make_shared<Session>(executor_, std::move(connection), rank, handlers_, options_);
    sessions_.push_back(session);
    group_.spawn(Session::read(session));
    group_.spawn(Session::write(session));
}

std::vector<std::shared_ptr<Session>> Server::open_sessions() const {
    std::vector<std::shared_ptr<Session>> open;
    for (auto const& weak : sessions_)
        if (auto const session = weak.lock(); session && !session->closed()) open.push_back(session);
    return open;
}

Admission Server::place_for(Place const& newcomer, std::vector<std::shared_ptr<Session>> const& open) const {
    // Also those whose client has gone and whose call has not ended.
    auto const is_of_user = [&](auto const& weak) {
        auto const session = weak.lock();
        return session && session->place().uid == newcomer.uid;
    };
    auto const all_of_user = static_cast<std::size_t>(std::ranges::count_if(sessions_, is_of_user));
    bool const is_reader = newcomer.rank < Rank::admin;
    if (all_of_user >= (is_reader ? options_.max_calls_of_reader : options_.max_calls)) {
        Admission refused;
        refused.is_admitted = false;
        refused.refusal = std::to_string(all_of_user) +
                          " clients are busy, or have left while their calls are in progress; try again later";
        return refused;
    }
    PlaceLimits limits;
    limits.all = options_.max_sessions;
    limits.of_one_reader = options_.max_sessions_of_reader;
    std::vector<Place> taken;
    taken.reserve(open.size());
    for (auto const& session : open) taken.push_back(session->place());
    return control::admit(taken, newcomer, limits);
}

bool Server::drop_abandoned(std::vector<std::shared_ptr<Session>> const& open) {
    bool dropped = false;
    for (auto const& session : open) {
        if (!session->is_abandoned()) continue;
        session->drop({});
        dropped = true;
    }
    return dropped;
}

void Server::turn_away(ipc::Connection connection, Error const& why) {
    auto const turn =
        handlers_.peer_log().turn(connection.peer, "connections refused", std::chrono::steady_clock::now());
    if (turn.has_line)
        spdlog::warn("control: {}: connection refused: {}{}", describe(connection.peer), why.context,
                     left_out_text(turn.left_out));
    auto line = rpc::as_line(rpc::error_text("null", rpc::fault_of(why)));
    auto counted = begin_farewell(connection.peer);
    std::shared_ptr<ipc::Stream> stream = std::move(connection.stream);
    group_.spawn(say_farewell(std::move(stream), std::move(line), std::move(counted)));
}

std::shared_ptr<Server::Farewell> Server::begin_farewell(ipc::Peer const& peer) {
    bool const is_one_too_many =
        farewells_.size() >= options_.max_farewells || farewells_.count(peer.uid) >= options_.max_farewells_of_user;
    return is_one_too_many ? nullptr : std::make_shared<Farewell>(farewells_, peer.uid);
}

task<void> Server::say_farewell(std::shared_ptr<ipc::Stream> stream, std::string line,
                                std::shared_ptr<Farewell> counted) {
    asio::steady_timer limit{executor_};
    auto expired = [weak = std::weak_ptr(stream)](boost::system::error_code stopped) {
        auto const late = weak.lock();
        if (!stopped && late) late->close();
    };
    limit.expires_after(options_.farewell);
    limit.async_wait(std::move(expired));
    // One short line into an empty connection: it fits, so this does not wait for the client.
    co_await stream->write_all(std::move(line));
    // Closing now could disconnect the client while it still writes, before it reads the reason.
    std::array<char, 4096> unread{};
    for (std::size_t read = 0; counted && read < options_.max_request_line;) {
        auto const count = co_await stream->read_some(unread);
        if (!count || *count == 0) break;
        read += *count;
    }
    stream->close();
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
