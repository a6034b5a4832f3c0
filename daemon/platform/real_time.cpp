#include "daemon/platform/real_time.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace sb::platform {

UtcTime RealTime::now() const { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); }

SteadyTime RealTime::steady_now() const { return std::chrono::floor<Milliseconds>(std::chrono::steady_clock::now()); }

task<void> RealTime::sleep_until(SteadyTime when) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, std::chrono::steady_clock::time_point(when));
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace sb::platform
