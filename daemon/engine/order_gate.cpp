#include "daemon/engine/order_gate.hpp"

#include "daemon/async/failure.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

/// An error means no update: the file is not documented, and must not stop backups.
task<void> OrderGate::ask_about_update() {
    constexpr auto ask_update_every = 1min;
    auto const now = time_.steady_now();
    if (asked_at_ && now - *asked_at_ < ask_update_every) co_return;
    asked_at_ = now;
    auto const answer = co_await cluster_.update_in_progress();
    is_updating_ = answer && *answer;
    if (is_updating_)
        conditions_.raise(ConditionKind::cluster_updating, "the cluster " + cluster_.host() + " reports an update");
    else conditions_.clear(ConditionKind::cluster_updating);
}

task<std::string> OrderGate::objection() {
    co_await ask_about_update();
    std::string updating = "the cluster is being updated, so no export or restore starts until that has ended";
    if (is_updating_) co_return updating;
    co_return co_await owner_.objection();
}

task<Result<void>> OrderGate::check() {
    auto why = co_await objection();
    if (!why.empty()) co_return Error{Errc::refused, std::move(why)};
    co_return boost::system::in_place_value;
}

task<void> OrderGate::run() {
    for (;;) {
        std::exception_ptr stopped;
        std::string problem;
        try {
            // At the start, too: an update may have ended while the daemon did not run.
            if (is_updating_ || !asked_at_) co_await ask_about_update();
            co_await owner_.objection();
        } catch (std::exception const& e) {
            stopped = std::current_exception();
            problem = internal_error(e.what()).context;
        }
        auto const state = co_await asio::this_coro::cancellation_state;
        if (stopped && state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(stopped);
        if (stopped) spdlog::error("checking whether orders are possible failed: {}", problem);
        auto const next = time_.steady_now() + 1min;
        co_await time_.sleep_until(next);
    }
}

}  // namespace sb::engine
