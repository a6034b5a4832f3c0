#include "daemon/async/async_mutex.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace sb {

/// One that waits. It may be destroyed without being resumed, at any moment: then it gives its turn away.
class AsyncMutex::Turn {
public:
    Turn(AsyncMutex& mutex, asio::any_io_executor const& executor)
        : mutex_(mutex),
          timer_(executor, asio::steady_timer::time_point::max()),
          place_(mutex.waiting_.insert(mutex.waiting_.end(), this)) {}
    Turn(Turn const&) = delete;
    Turn& operator=(Turn const&) = delete;
    ~Turn() {
        if (!is_its_turn_) mutex_.waiting_.erase(place_);
        else if (!is_taken_) mutex_.unlock();
    }

    auto wait(boost::system::error_code& woken) {
        return timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    /// It has left the list, and the mutex is still locked, for it.
    void give() {
        is_its_turn_ = true;
        timer_.cancel();
    }
    /// Whether it has got the mutex.
    bool take() {
        is_taken_ = is_its_turn_;
        return is_taken_;
    }

private:
    AsyncMutex& mutex_;
    asio::steady_timer timer_;  ///< never expires: an event
    std::list<Turn*>::iterator place_;
    bool is_its_turn_ = false, is_taken_ = false;
};

task<AsyncMutex::Lock> AsyncMutex::lock() {
    if (is_locked_) {
        auto const executor = co_await asio::this_coro::executor;
        Turn turn(*this, executor);
        boost::system::error_code woken;
        co_await turn.wait(woken);
        if (!turn.take()) throw boost::system::system_error(woken);  // we are being cancelled
    }
    is_locked_ = true;
    co_return Lock(*this);
}

void AsyncMutex::unlock() {
    if (waiting_.empty()) {
        is_locked_ = false;
        return;
    }
    // It stays locked: one that comes before the next has woken up must not overtake it.
    auto* const next = waiting_.front();
    waiting_.pop_front();
    next->give();
}

}  // namespace sb
