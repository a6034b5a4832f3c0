#pragma once
// Children that are stopped together and joined before their owner is destroyed.

#include "daemon/async/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <functional>
#include <list>
#include <memory>

namespace sb {

class TaskGroup {
public:
    /// Called with an exception that left a child: a bug, or a want of memory. The other children continue.
    using OnCrash = std::function<void(std::exception_ptr)>;

    TaskGroup(asio::any_io_executor executor, OnCrash on_crash);
    TaskGroup(TaskGroup const&) = delete;
    TaskGroup& operator=(TaskGroup const&) = delete;
    ~TaskGroup();  ///< the group must be empty: stop() and join() first

    /// If it throws (out of memory), the child does not run, and the group does not wait for it.
    void spawn(task<void> child);
    /// Cancels every child. One that has not started yet, or is spawned later, is cancelled when it first waits.
    void stop();
    /// Returns when no child is left.
    task<void> join();
    bool empty() const;

private:
    struct Child {
        asio::cancellation_signal cancellation;
        bool started = false, cancelled = false;
        void cancel() { cancellation.emit(asio::cancellation_type::terminal); }
    };
    using Children = std::list<std::shared_ptr<Child>>;
    struct State;
    class Ending;

    static task<void> live(std::shared_ptr<State> state, std::shared_ptr<Child> self, task<void> body);

    asio::any_io_executor executor_;
    std::shared_ptr<State> state_;
};

}  // namespace sb
