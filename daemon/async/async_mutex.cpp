#include "daemon/async/async_mutex.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace sb {

task<AsyncMutex::Lock> AsyncMutex::lock() {
    if (is_locked_) {
        auto const executor = co_await asio::this_coro::executor;
        asio::steady_timer turn(executor, asio::steady_timer::time_point::max());
        waiting_.push_back(&turn);
        boost::system::error_code woken;
        co_await turn.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        auto const listed = std::ranges::find(waiting_, &turn);
        if (listed != waiting_.end()) {
            waiting_.erase(listed);
            throw boost::system::system_error(woken);  // we are being cancelled
        }
        // unlock() has handed it over, still locked.
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
    next->cancel();
}

}  // namespace sb
