#include "daemon/engine/slots.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace sb::engine {

task<bool> Slots::acquire(JobId job) {
    // A waiter that has its answer but has not run yet is still in the list, but no longer ahead of us.
    bool const somebody_waits = std::ranges::any_of(waiters_, [](Waiter const& w) { return w.answer == Answer::none; });
    if (used_ < capacity_ && !somebody_waits) {
        ++used_;
        co_return true;
    }
    asio::steady_timer event{executor_, asio::steady_timer::time_point::max()};
    Waiter mine{job, std::move(event)};
    auto const place = waiters_.insert(waiters_.end(), std::move(mine));
    boost::system::error_code woken;
    co_await place->answered.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    auto const answer = place->answer;
    waiters_.erase(place);
    // Woken by neither: the whole job is being cancelled.
    if (answer == Answer::none) throw boost::system::system_error(woken);
    co_return answer == Answer::granted;
}

void Slots::release() {
    if (used_ > 0) --used_;
    grant_free_slots();
}

void Slots::set_capacity(std::size_t capacity) {
    capacity_ = capacity;
    grant_free_slots();
}

void Slots::withdraw(JobId job) {
    for (auto& waiter : waiters_) {
        if (waiter.job != job || waiter.answer != Answer::none) continue;
        waiter.answer = Answer::withdrawn;
        waiter.answered.cancel();
    }
}

void Slots::grant_free_slots() {
    for (auto& waiter : waiters_) {
        if (used_ >= capacity_) return;
        if (waiter.answer != Answer::none) continue;
        waiter.answer = Answer::granted;
        ++used_;
        waiter.answered.cancel();
    }
}

}  // namespace sb::engine
