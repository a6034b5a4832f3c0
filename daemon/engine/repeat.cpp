#include "daemon/engine/repeat.hpp"

#include "daemon/async/failure.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace sb::engine {

task<void> repeat(ports::Time& time, Milliseconds pause, std::string what, std::function<task<void>()> turn) {
    Repetition repetition;
    repetition.what = std::move(what);
    repetition.pause = repetition.after_a_bug = pause;
    return repeat(time, std::move(repetition), std::move(turn));
}

task<void> repeat(ports::Time& time, Repetition repetition, std::function<task<void>()> turn) {
    for (;;) {
        std::exception_ptr stopped;
        try {
            co_await turn();
        } catch (...) {
            stopped = std::current_exception();
        }
        auto const state = co_await boost::asio::this_coro::cancellation_state;
        if (stopped && state.cancelled() != boost::asio::cancellation_type::none) std::rethrow_exception(stopped);
        auto pause = repetition.pause;
        if (stopped) {
            auto const problem = internal_error(exception_text(stopped)).context;
            spdlog::error("{} failed: {}", repetition.what, problem);
            repetition.failed(problem);
            pause = repetition.after_a_bug;
        }
        if (pause == Milliseconds{0}) continue;
        auto const next = time.steady_now() + pause;
        co_await time.sleep_until(next);
    }
}

}  // namespace sb::engine
