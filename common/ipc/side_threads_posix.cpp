#include "common/ipc/side_threads.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>

namespace sb::ipc {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_threads = 32;
constexpr std::chrono::milliseconds patience{100}, short_patience{5};
constexpr std::size_t crowd = 2 * most_threads;  ///< so many wait: each holds a descriptor until it has had its turn
constexpr std::chrono::seconds idle_limit{1};
constexpr int interruption = SIGURG;  // no other part uses it, and by default it is ignored

void no_action(int) {}

/// Without SA_RESTART: a call that waits returns. A child process that runs a program gets the default again.
void make_interruptible() {
    struct sigaction action {};
    action.sa_handler = no_action;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(interruption, &action, nullptr);
}

struct Busy {
    pthread_t thread;
    Clock::time_point since;
};

}  // namespace

/// Shared with the threads, which may outlive their owner.
struct SideThreads::Back::State {
    std::mutex mutex;
    std::condition_variable has_work;
    std::condition_variable tick;  ///< the watching thread's clock; notified when there is a crowd
    std::deque<Call> waiting;
    std::list<Busy> busy;
    std::size_t threads = 0;
    bool is_watched = false;
    bool is_open = true;

    std::mutex notifying;  ///< held while a call notifies, and while the owner closes

    void run_calls(Back const& back);
    void watch();
};

void SideThreads::Back::State::run_calls(Back const& back) {
    std::unique_lock lock(mutex);
    for (;;) {
        if (!has_work.wait_for(lock, idle_limit, [this] { return !waiting.empty(); })) break;
        auto call = std::move(waiting.front());
        waiting.pop_front();
        auto const mine = busy.insert(busy.end(), {::pthread_self(), Clock::now()});
        lock.unlock();
        call(back);
        call = nullptr;
        lock.lock();
        busy.erase(mine);
    }
    --threads;
}

/// Interrupts what takes too long; ends when no call is left.
void SideThreads::Back::State::watch() {
    std::unique_lock lock(mutex);
    auto const is_crowded = [this] { return waiting.size() >= crowd; };
    auto const never = [] { return false; };
    while (threads > 0) {
        bool const was_crowded = tick.wait_for(lock, patience, is_crowded);
        if (was_crowded) tick.wait_for(lock, short_patience, never);
        auto const limit = Clock::now() - (was_crowded ? short_patience : patience);
        // A thread is in the list only while it runs, and leaves it under this lock.
        for (auto const& call : busy)
            if (call.since < limit) ::pthread_kill(call.thread, interruption);
    }
    is_watched = false;
}

void SideThreads::Back::operator()(std::function<void()> const& notify) const {
    std::lock_guard const lock(state_->notifying);
    if (state_->is_open) notify();
}

SideThreads::SideThreads() {
    make_interruptible();
    back_.state_ = std::make_shared<Back::State>();
}

SideThreads::~SideThreads() {
    std::lock_guard const lock(back_.state_->notifying);
    back_.state_->is_open = false;
}

void SideThreads::run(Call call) {
    auto& state = *back_.state_;
    std::lock_guard const lock(state.mutex);
    state.waiting.push_back(std::move(call));
    state.has_work.notify_one();
    if (state.waiting.size() == crowd) state.tick.notify_one();
    try {
        if (state.threads < most_threads && state.waiting.size() + state.busy.size() > state.threads) {
            std::thread([back = back_] { back.state_->run_calls(back); }).detach();
            ++state.threads;
        }
        if (!state.is_watched) {
            std::thread([back = back_] { back.state_->watch(); }).detach();
            state.is_watched = true;
        }
    } catch (std::system_error const&) {
        // No thread can be had at the moment: the call waits for one that exists, or for the next run().
    }
}

void SideThreads::close(int descriptor) {
    run([descriptor](Back const&) { ::close(descriptor); });
}

std::size_t SideThreads::unfinished() const {
    std::lock_guard const lock(back_.state_->mutex);
    return back_.state_->waiting.size() + back_.state_->busy.size();
}

}  // namespace sb::ipc
