#include "daemon/engine/slots.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace sb::engine {

using core::JobKind;

bool Slots::is_free_for(JobKind kind) const {
    if (kind == JobKind::restore) return used_ - std::min(used_, idle_) < capacity_;
    return !exports_held_ && used_ < capacity_;
}

task<bool> Slots::acquire(JobId job, JobKind kind, Place place) {
    // A waiter that has its answer but has not run yet is still in the list, but no longer ahead of us. Exports are not
    // ahead of a restore: it may have a slot that they cannot have.
    bool const others_wait = std::ranges::any_of(waiters_, [&](Waiter const& w) {
        return w.answer == Answer::none && (kind != JobKind::restore || w.kind == kind);
    });
    if (is_free_for(kind) && (!others_wait || place == Place::first)) {
        ++used_;
        co_return true;
    }
    asio::steady_timer event{executor_, asio::steady_timer::time_point::max()};
    Waiter mine{job, kind, std::move(event)};
    auto const before = place == Place::first ? waiters_.begin() : waiters_.end();
    auto const waiter = waiters_.insert(before, std::move(mine));
    boost::system::error_code woken;
    co_await waiter->answered.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    auto const answer = waiter->answer;
    waiters_.erase(waiter);
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

void Slots::set_idle(std::size_t idle) {
    idle_ = idle;
    grant_free_slots();
}

void Slots::hold_exports(bool held) {
    exports_held_ = held;
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
        if (waiter.answer != Answer::none || !is_free_for(waiter.kind)) continue;
        waiter.answer = Answer::granted;
        ++used_;
        waiter.answered.cancel();
    }
}

}  // namespace sb::engine
