#include "daemon/async/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cassert>

namespace sb {

TaskGroup::TaskGroup(asio::any_io_executor executor, OnCrash on_crash)
    : executor_(executor), all_done_(executor, asio::steady_timer::time_point::max()), on_crash_(std::move(on_crash)) {}

TaskGroup::~TaskGroup() { assert(children_.empty()); }

void TaskGroup::spawn(task<void> child) {
    auto const self = children_.insert(children_.end(), std::make_shared<asio::cancellation_signal>());
    auto done = [this, self](std::exception_ptr failure) {
        // Outside the loop, emit() only queues the cancellation, and the queued one points into the signal: a child
        // that ends of itself before its turn must leave the signal behind for it.
        if (stopping_) asio::post(executor_, [signal = *self] {});
        children_.erase(self);
        if (failure && !stopping_) on_crash_(failure);
        if (children_.empty()) all_done_.cancel();
    };
    asio::co_spawn(executor_, std::move(child), asio::bind_cancellation_slot((*self)->slot(), std::move(done)));
    if (stopping_) (*self)->emit(asio::cancellation_type::terminal);
}

void TaskGroup::stop() {
    stopping_ = true;
    // A child may end, and leave the list, inside emit().
    for (auto it = children_.begin(); it != children_.end();) (*it++)->emit(asio::cancellation_type::terminal);
}

task<void> TaskGroup::join() {
    boost::system::error_code woken;
    while (!children_.empty()) co_await all_done_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

}  // namespace sb
