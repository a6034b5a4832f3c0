#include "daemon/engine/repeat.hpp"

#include "daemon/async/failure.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>

namespace sb::engine {

task<void> repeat(ports::Time& time, Milliseconds pause, std::string what, std::function<task<void>()> turn) {
    for (;;) {
        std::exception_ptr stopped;
        try {
            co_await turn();
        } catch (...) {
            stopped = std::current_exception();
        }
        auto const state = co_await boost::asio::this_coro::cancellation_state;
        if (stopped && state.cancelled() != boost::asio::cancellation_type::none) std::rethrow_exception(stopped);
        if (stopped) spdlog::error("{} failed: {}", what, internal_error(exception_text(stopped)).context);
        auto const next = time.steady_now() + pause;
        co_await time.sleep_until(next);
    }
}

}  // namespace sb::engine
