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

class Server::Running {
public:
    explicit Running(bool& flag) : flag_(flag) { flag_ = true; }
    Running(Running const&) = delete;
    Running& operator=(Running const&) = delete;
    ~Running() { flag_ = false; }

private:
    bool& flag_;
};

Server::Server(asio::any_io_executor executor, std::unique_ptr<ipc::Listener> listener, ServerOptions options,
               std::unique_ptr<ipc::Listener> readers)
    : executor_(executor),
      door_{std::move(listener)},
      readers_door_{std::move(readers), AcceptPace(options.pace_of_readers)},
      restart_(executor),
      options_(std::move(options)),
      handlers_(options_.permit, options_.ready),
      group_(executor, [this](std::exception_ptr crash) { child_crashed(crash); }) {}

Server::~Server() = default;

void Server::start() { run_loops(); }

void Server::run_loops() {
    for (auto* const door : {&door_, &readers_door_})
        if (door->listener && !door->is_served) group_.spawn(accept_clients(*door));
    if (!is_reporting_) group_.spawn(report_left_out());
}

task<void> Server::accept_clients(Door& door) {
    Running const running(door.is_served);
    asio::steady_timer pause{executor_};
    for (;;) {
        auto connection = co_await door.listener->accept();
        auto wait = AcceptPace::Duration::zero();
        if (connection) {
            try {
                admit(std::move(*connection));
            } catch (...) {
                child_crashed(std::current_exception());
            }
            if (door.pace) wait = door.pace->next_after(std::chrono::steady_clock::now());
        } else {
            if (connection.error().code == Errc::cancelled) co_return;
            log_failed_accept(connection.error());
            // Most likely out of file descriptors: trying again immediately would only keep the loop busy.
            wait = std::chrono::milliseconds{200};
        }
        if (wait == AcceptPace::Duration::zero()) continue;
        pause.expires_after(wait);
        boost::system::error_code stopped;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
    }
}

void Server::child_crashed(std::exception_ptr const& crash) noexcept {
    try {
        restart_soon();
        auto const turn = handlers_.peer_log().turn({}, "internal errors", std::chrono::steady_clock::now());
        if (turn.has_line)
            spdlog::error("control: {}{}", internal_error(exception_text(crash)).context, left_out_text(turn.left_out));
    } catch (...) {  // no memory for that either
    }
}

void Server::restart_soon() {
    auto restart = [this, is_stopped = is_stopped_](boost::system::error_code cancelled) {
        if (cancelled || *is_stopped) return;
        try {
            run_loops();
        } catch (...) {
            child_crashed(std::current_exception());
        }
    };
    restart_.expires_after(options_.restart);
    restart_.async_wait(std::move(restart));
}

/// A client can cause it, by using up the descriptors, and it is not known which one.
void Server::log_failed_accept(Error const& why) {
    auto const turn = handlers_.peer_log().turn({}, "connections not accepted", std::chrono::steady_clock::now());
    if (turn.has_line) spdlog::warn("control: {}{}", why.context, left_out_text(turn.left_out));
}

/// What the log left out is reported even if its user does not come again.
task<void> Server::report_left_out() {
    Running const running(is_reporting_);
    asio::steady_timer timer{executor_};
    for (;;) {
        timer.expires_after(std::chrono::minutes{1});
        co_await timer.async_wait(asio::use_awaitable);
        for (auto const& line : handlers_.peer_log().take_overdue(std::chrono::steady_clock::now()))
            spdlog::warn("control: {}", line);
        run_loops();  // if it could not be done sooner
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
    auto const session = std::make_shared<Session>(executor_, std::move(connection), rank, handlers_, options_);
    if (admission.displaced) open[*admission.displaced]->drop("it is idle and another client wants to connect");
    try {
        sessions_.push_back(session);
        group_.spawn(Session::read(session));
        group_.spawn(Session::write(session));
    } catch (...) {
        session->drop({});  // the other half ends, too
        throw;
    }
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
        try {
            if (!text)
                text = std::make_shared<std::string const>(
                    rpc::notification_text(rpc::JobChanged::name, rpc::encode(change)));
            session->notify(job, text);
        } catch (std::exception const&) {
            session->drop({});  // it would miss this change; the job is not concerned
        }
    }
}

void Server::stop() {
    *is_stopped_ = true;
    restart_.cancel();
    for (auto* const door : {&door_, &readers_door_})
        if (door->listener) door->listener->close();
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
