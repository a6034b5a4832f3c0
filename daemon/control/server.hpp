#pragma once
// The control endpoint's server: accepts clients, answers their calls through the handler table, and notifies
// subscribers of changed jobs. It belongs to one event loop; nothing here may be called from another thread.

#include "common/ipc/listen.hpp"
#include "common/rpc/methods.hpp"
#include "daemon/async/task_group.hpp"
#include "daemon/control/handler_table.hpp"
#include "daemon/control/places.hpp"
#include "daemon/control/server_options.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sb::control {

class Session;

class Server {
public:
    /// `readers`: a second listener, for users who may only read; null = there is none. It is served on its own, at a
    /// limited pace. What a client may do does not depend on where it came in.
    Server(asio::any_io_executor executor, std::unique_ptr<ipc::Listener> listener, ServerOptions options,
           std::unique_ptr<ipc::Listener> readers = nullptr);
    Server(Server const&) = delete;
    Server& operator=(Server const&) = delete;
    ~Server();  ///< stop() and join() first, if it was started

    /// Which handler answers `Method`: server.on<rpc::StartBackup>(handler). Before start().
    /// The handler of SubscribeJobs returns the current states (of the named job, finished or not; of all running and
    /// queued ones for job 0); the subscription itself is the server's.
    template <class Method>
    void on(Handler<Method> handler) {
        handlers_.on<Method>(std::move(handler));
    }

    /// The same for a handler that answers several clients at the same time with one reply.
    template <class Method>
    void on_shared(SharedHandler<Method> handler) {
        handlers_.on_shared<Method>(std::move(handler));
    }

    std::vector<std::string_view> methods_without_handler() const { return handlers_.methods_without_handler(); }

    void start();

    /// Notifies the subscribers. Call it in the same turn of the loop as the change, or a subscriber's first snapshot
    /// may be followed by an older state for a moment. Does not wait.
    void publish(rpc::JobChanged::Params const& change);

    /// Stops listening and ends all sessions; waiting handlers are cancelled.
    void stop();
    /// Returns when the last session has ended.
    task<void> join();

    std::size_t session_count() const;

private:
    /// One of the sockets.
    struct Door {
        std::unique_ptr<ipc::Listener> listener;  ///< null = there is none
        std::optional<AcceptPace> pace{};         ///< without one, as fast as they come
        bool is_served = false;
    };
    /// Sets a flag as long as it lives.
    class Running;

    /// Starts what is not running of the loops below; they run until stop().
    void run_loops();
    task<void> accept_clients(Door& door);
    task<void> report_left_out();
    /// A session that threw, or ran out of memory, ends; a loop that did is started again. Nothing else is affected.
    void child_crashed(std::exception_ptr const& crash) noexcept;
    void restart_soon();
    void log_failed_accept(Error const& why);
    /// Strong: if it throws, the connection is closed.
    void admit(ipc::Connection connection);
    std::vector<std::shared_ptr<Session>> open_sessions() const;
    Admission place_for(Place const& newcomer, std::vector<std::shared_ptr<Session>> const& open) const;
    /// While the cluster or LocalPath hangs, so do the calls of clients that have given up; they need no place. Whether
    /// there were any.
    static bool drop_abandoned(std::vector<std::shared_ptr<Session>> const& open);
    /// Tells the client why and closes the connection: soon, or immediately if many are being told.
    void turn_away(ipc::Connection connection, Error const& why);
    class Farewell;
    task<void> say_farewell(std::shared_ptr<ipc::Stream> stream, std::string line, std::shared_ptr<Farewell> counted);
    /// Null if too many clients are being given time already.
    std::shared_ptr<Farewell> begin_farewell(ipc::Peer const& peer);

    asio::any_io_executor executor_;
    Door door_;
    Door readers_door_;
    bool is_reporting_ = false;
    std::shared_ptr<bool> is_stopped_ = std::make_shared<bool>(false);
    asio::steady_timer restart_;
    ServerOptions options_;
    HandlerTable handlers_;
    std::vector<std::weak_ptr<Session>> sessions_;           ///< each is owned by its two coroutines
    std::multiset<std::optional<std::uint32_t>> farewells_;  ///< uids of those who read why they were turned away
    TaskGroup group_;
};

}  // namespace sb::control
