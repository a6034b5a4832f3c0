#pragma once
// A manual ports::Time: a week of waiting in one test, without sleeping. Header-only; single-threaded.

#include "daemon/ports/time.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <map>
#include <optional>

namespace sb::test {

class ManualTime final : public ports::Time {
public:
    explicit ManualTime(asio::io_context& io, UtcTime start = UtcTime{std::chrono::hours{24 * 365 * 55}})
        : io_(io), utc_(start) {}

    UtcTime now() const override { return utc_; }
    SteadyTime steady_now() const override { return steady_; }

    task<void> sleep_until(SteadyTime when) override {
        if (when <= steady_) co_return;
        asio::steady_timer event(io_, asio::steady_timer::time_point::max());
        struct Place {  // also removed when the coroutine is destroyed while it waits
            Sleepers& sleepers;
            Sleepers::iterator at;
            ~Place() { sleepers.erase(at); }
        };
        Place const place{sleepers_, sleepers_.emplace(when, &event)};
        boost::system::error_code woken;
        co_await event.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        if (steady_ < when) throw boost::system::system_error(asio::error::operation_aborted);
    }

    /// Runs everything that is ready, without moving the clock.
    void settle() {
        io_.restart();
        io_.poll();
    }

    /// Advances the clock, stopping at every wake-up on the way, so that each sleeper sees its own time.
    void run_for(Milliseconds length) { run_until(steady_ + length); }
    void run_until(SteadyTime until) {
        settle();
        while (!sleepers_.empty() && sleepers_.begin()->first <= until) {
            move_to(sleepers_.begin()->first);
            for (auto& [when, event] : sleepers_) {
                if (when > steady_) break;
                event->cancel();
            }
            settle();
        }
        move_to(until);
    }

    /// Advances from wake-up to wake-up until `done()`, until nothing sleeps, or for `at_most`. False if not done.
    template <class Done>
    bool run_until_done(Done done, Milliseconds at_most) {
        auto const end = steady_ + at_most;
        settle();
        while (!done()) {
            auto const next = next_wake_up();
            if (!next || *next > end) return false;
            run_until(*next);
        }
        return true;
    }

    std::optional<SteadyTime> next_wake_up() const {
        if (sleepers_.empty()) return std::nullopt;
        return sleepers_.begin()->first;
    }
    std::size_t sleepers() const { return sleepers_.size(); }

    /// Sets the system's clock; the steady clock is not affected.
    void jump_wall_clock(Milliseconds by) { utc_ += by; }

private:
    using Sleepers = std::multimap<SteadyTime, asio::steady_timer*>;

    void move_to(SteadyTime when) {
        if (when <= steady_) return;
        utc_ += when - steady_;
        steady_ = when;
    }

    asio::io_context& io_;
    UtcTime utc_;
    SteadyTime steady_{std::chrono::hours{1}};
    Sleepers sleepers_;
};

}  // namespace sb::test
