#include "daemon/async/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cassert>

namespace sb {

TaskGroup::TaskGroup(asio::any_io_executor executor, OnCrash on_crash)
    : executor_(executor), all_done_(executor, asio::steady_timer::time_point::max()), on_crash_(std::move(on_crash)) {}

TaskGroup::~TaskGroup() { assert(children_.empty()); }

void TaskGroup::spawn(task<void> body) {
    auto const self = children_.insert(children_.end(), std::make_shared<Child>());
    auto const child = *self;
    auto done = [this, self](std::exception_ptr failure) {
        // Outside the loop, emit() only queues the cancellation, which points into the signal: a child that ends on
        // its own before that must leave the signal alive for it.
        if (stopping_) asio::post(executor_, [child = *self] {});
        children_.erase(self);
        if (failure && !stopping_) on_crash_(failure);
        if (children_.empty()) all_done_.cancel();
    };
    auto const slot = child->cancellation.slot();
    asio::co_spawn(executor_, live(child, std::move(body)), asio::bind_cancellation_slot(slot, std::move(done)));
}

/// Works around a pitfall of asio::co_spawn (Boost 1.81): when its coroutine ends without ever having waited, it posts
/// with a co_await, which throws out of io.run() if the child has been cancelled by then. So no child is cancelled
/// before this frame has started, and at its end a cancellation no longer throws.
task<void> TaskGroup::live(std::shared_ptr<Child> self, task<void> body) {
    self->started = true;
    if (stopping_) asio::post(executor_, [self] { self->cancel(); });
    std::exception_ptr failure;
    try {
        co_await std::move(body);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    if (failure) std::rethrow_exception(failure);
}

void TaskGroup::stop() {
    stopping_ = true;
    // A child may end, and leave the list, inside cancel().
    for (auto it = children_.begin(); it != children_.end();) {
        auto const child = *it++;
        if (child->started) child->cancel();
    }
}

task<void> TaskGroup::join() {
    boost::system::error_code woken;
    while (!children_.empty()) co_await all_done_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

}  // namespace sb
