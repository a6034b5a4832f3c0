#pragma once
// Which request gets which connection: kept ones first, a few new ones, more only behind slow requests.

#include "daemon/net/connection.hpp"

#include <list>
#include <memory>
#include <vector>

namespace sb::net {

class ConnectionPool;

/// A connection for one exchange. Dropped without give_back(), it is closed.
class Lease {
public:
    Lease(std::shared_ptr<ConnectionPool> pool, std::unique_ptr<Connection> connection, bool reused);
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Connection& connection() { return *connection_; }
    bool reused() const { return reused_; }
    void give_back();

private:
    std::shared_ptr<ConnectionPool> pool_;
    std::unique_ptr<Connection> connection_;
    bool reused_;
};

class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
public:
    ConnectionPool(asio::any_io_executor executor, std::shared_ptr<TlsClient> tls, Endpoint endpoint,
                   ConnectionLimits limits);

    enum class Which { any, fresh };
    /// An open connection. Throws operation_aborted when cancelled. Errors: as Connection::open, or timed_out
    /// when all connections stayed busy, or cancelled after close().
    task<Result<Lease>> acquire(Which which, Clock::time_point deadline);
    void close();
    Counters& counters() { return *counters_; }
    Endpoint const& endpoint() const { return endpoint_; }

private:
    friend class Lease;
    struct Waiter {
        explicit Waiter(asio::any_io_executor executor) : timer(executor) {}
        asio::steady_timer timer;
        bool called = false;
    };
    std::unique_ptr<Connection> take_idle();
    void drop_oldest_idle();
    bool has_room(Which which, bool waited) const;
    task<void> wait_for_change(Clock::time_point until);
    void keep(std::unique_ptr<Connection> connection);
    void lost_one();
    void call_next();

    asio::any_io_executor executor_;
    std::shared_ptr<TlsClient> tls_;
    Endpoint endpoint_;
    ConnectionLimits limits_;
    std::shared_ptr<Counters> counters_ = std::make_shared<Counters>();
    std::vector<std::unique_ptr<Connection>> idle_;  ///< the last used one at the end
    std::list<Waiter*> waiters_;                     ///< first come, first called
    std::size_t total_ = 0;                          ///< leased and idle
    bool closed_ = false;
};

}  // namespace sb::net
