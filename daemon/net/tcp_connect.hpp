#pragma once
// From a host name to a TCP connection, in bounded time.

#include "common/error.hpp"
#include "daemon/net/https_transport.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <vector>

namespace sb::net {

using Clock = std::chrono::steady_clock;

/// Closes a socket when a deadline passes, which makes every operation on it fail immediately.
class Watchdog {
public:
    Watchdog(asio::any_io_executor executor, asio::ip::tcp::socket& socket);
    ~Watchdog() { disarm(); }
    void arm(Clock::time_point deadline);
    void disarm();
    bool expired() const { return state_->expired; }

private:
    struct State {
        asio::ip::tcp::socket* socket;
        std::uint64_t round = 0;  ///< a timer's handler of an earlier round does nothing
        bool expired = false;
    };
    std::shared_ptr<State> state_;
    asio::steady_timer timer_;
};

/// Every address of a name; an address needs no lookup. Throws operation_aborted when cancelled.
task<Result<std::vector<asio::ip::tcp::endpoint>>> resolve(asio::any_io_executor executor, Endpoint endpoint,
                                                           Clock::time_point deadline);

/// Resolves, and tries one address after the other, each with a fair share of the time left.
/// Throws operation_aborted when cancelled.
task<Result<void>> connect(asio::ip::tcp::socket& socket, Watchdog& watchdog, Endpoint endpoint,
                           Clock::time_point deadline);

/// Continues the cancellation of a coroutine, seen in the error code of an operation, as an exception.
[[noreturn]] void throw_cancelled();

}  // namespace sb::net
