#include "daemon/async/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

namespace sb {

struct TaskGroup::State {
    State(asio::any_io_executor executor, OnCrash crashed)
        : all_done(std::move(executor), asio::steady_timer::time_point::max()), on_crash(std::move(crashed)) {}

    void leave(Children::iterator child) {
        // Outside the loop, emit() only queues the cancellation, which points into the signal: a child that ends
        // before that must leave the signal alive for it.
        if (stopping) ended.splice(ended.end(), children, child);
        else children.erase(child);
        if (children.empty()) all_done.cancel();
    }
    void report(std::exception_ptr const& failure) const {
        if (failure && !stopping) on_crash(failure);
    }

    asio::steady_timer all_done;  ///< never expires: an event
    OnCrash on_crash;
    Children children;
    Children ended;  ///< since the stop
    bool stopping = false;
};

/// A child's place in the group, kept by the coroutine at the bottom of its stack: it leaves when that ends, however it
/// does. Asio destroys a stack without resuming it if the operation that it waits for cannot begin for want of memory.
class TaskGroup::Ending {
public:
    Ending(std::shared_ptr<State> const& state, std::shared_ptr<Child> child)
        : state_(state), place_(state->children.insert(state->children.end(), std::move(child))) {}
    Ending(Ending&& other) noexcept : state_(std::exchange(other.state_, {})), place_(other.place_) {}
    Ending& operator=(Ending&&) = delete;
    ~Ending() {
        auto const state = state_.lock();
        if (!state) return;
        bool const has_started = (*place_)->started;
        state->leave(place_);
        if (!has_started) return;  // spawn() throws
        try {
            state->report(std::make_exception_ptr(std::runtime_error("it was lost, most likely for want of memory")));
        } catch (...) {  // the report is lost, too
        }
    }

    void operator()(std::exception_ptr failure) {
        auto const state = std::exchange(state_, {}).lock();
        if (!state) return;
        state->leave(place_);
        state->report(failure);
    }

private:
    std::weak_ptr<State> state_;  ///< empty: it has left
    Children::iterator place_;
};

TaskGroup::TaskGroup(asio::any_io_executor executor, OnCrash on_crash)
    : executor_(executor), state_(std::make_shared<State>(executor, std::move(on_crash))) {}

TaskGroup::~TaskGroup() {
    assert(empty());
    state_->stopping = true;  // the one who wants reports is gone
}

bool TaskGroup::empty() const { return state_->children.empty(); }

void TaskGroup::spawn(task<void> body) {
    auto const child = std::make_shared<Child>();
    Ending ending(state_, child);
    auto whole = live(state_, child, std::move(body));
    asio::co_spawn(executor_, std::move(whole),
                   asio::bind_cancellation_slot(child->cancellation.slot(), std::move(ending)));
}

/// Works around a pitfall of asio::co_spawn (Boost 1.81): when its coroutine ends without ever having waited, it posts
/// with a co_await, which throws out of io.run() if the child has been cancelled by then. So no child is cancelled
/// before this frame has started, and at its end a cancellation no longer throws.
task<void> TaskGroup::live(std::shared_ptr<State> state, std::shared_ptr<Child> self, task<void> body) {
    self->started = true;
    if (state->stopping) {
        auto cancel = [self] { self->cancel(); };
        asio::post(state->all_done.get_executor(), std::move(cancel));
    }
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
    state_->stopping = true;
    auto const& children = state_->children;
    auto const is_next = [](auto const& child) { return child->started && !child->cancelled; };
    for (auto it = children.begin(); it != children.end();) {
        it = std::find_if(it, children.end(), is_next);
        if (it == children.end()) break;
        auto const child = *it;
        child->cancelled = true;
        child->cancel();
        it = children.begin();  // children may have left the list meanwhile
    }
}

task<void> TaskGroup::join() {
    auto const state = state_;
    boost::system::error_code woken;
    while (!state->children.empty())
        co_await state->all_done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

}  // namespace sb
