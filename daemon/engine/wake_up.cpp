#include "daemon/engine/wake_up.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace sb::engine {

void WakeUp::poke() {
    was_poked_ = true;
    poked_.cancel();
}

task<void> WakeUp::sleep(SteadyTime until) { co_await time_.sleep_until(until); }

task<void> WakeUp::wait_for_poke() {
    boost::system::error_code woken;
    co_await poked_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    // Neither poked nor timed out: we are being cancelled.
    if (!was_poked_) throw boost::system::system_error(woken);
}

task<void> WakeUp::wait_until(std::optional<UtcTime> when) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto seen = time_.now();
    for (;;) {
        if (was_poked_) break;
        auto const now = time_.now();
        if (when && *when <= now) break;
        if (now < seen) break;  // a clock that was set back: `when` may now be months away
        seen = now;
        auto const length = when ? std::min(max_sleep_, *when - now) : max_sleep_;
        auto const end = time_.steady_now() + length;
        co_await (sleep(end) || wait_for_poke());
    }
    was_poked_ = false;
}

}  // namespace sb::engine
