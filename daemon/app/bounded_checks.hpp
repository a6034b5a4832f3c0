#pragma once
// Checks that may hang (a stalled file system, a silent resolver), each for a limited time.

#include "common/time.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace sb::app {

class BoundedChecks {
public:
    explicit BoundedChecks(asio::any_io_executor executor)
        : executor_(executor), group_(executor, [](std::exception_ptr) {}) {}

    /// What the check returned or threw; nothing after `limit`, or while an earlier check of this name has not
    /// returned: each call would leave another one behind. A check that is late continues without being waited for, so
    /// it must own what it uses, or use what outlives join().
    template <class T>
    task<std::optional<T>> run(std::string name, Milliseconds limit, task<T> check) {
        if (running_.contains(name)) co_return std::nullopt;
        auto const wait = std::make_shared<Wait<T>>(executor_);
        wait->ended.expires_after(limit);
        auto running = std::make_unique<Running<T>>(*this, std::move(name), wait);
        group_.spawn(live(std::move(running), std::move(check), wait));
        boost::system::error_code woken;
        co_await wait->ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        if (wait->failure) std::rethrow_exception(wait->failure);
        if (!wait->value && woken) throw boost::system::system_error(asio::error::operation_aborted);
        co_return std::move(wait->value);
    }
    /// Whether a check of this name has not returned.
    bool is_running(std::string const& name) const { return running_.contains(name); }

    /// Cancels what is running.
    void stop() { group_.stop(); }
    /// After stop(): returns once nothing is running. Work on a thread is not interrupted: the owner of the pool
    /// abandons it if that takes too long.
    task<void> join() { co_await group_.join(); }

private:
    template <class T>
    struct Wait {
        explicit Wait(asio::any_io_executor const& executor) : ended(executor) {}
        asio::steady_timer ended;
        std::exception_ptr failure;
        std::optional<T> value;
    };

    /// Keeps the name, and the caller waiting, until the check has ended, also if it is destroyed instead.
    template <class T>
    class Running {
    public:
        Running(BoundedChecks& all, std::string name, std::shared_ptr<Wait<T>> wait)
            : all_(all), wait_(std::move(wait)), place_(all.running_.insert(std::move(name)).first) {}
        Running(Running const&) = delete;
        Running& operator=(Running const&) = delete;
        ~Running() {
            all_.running_.erase(place_);
            // Also if the wait has not begun yet.
            wait_->ended.expires_at(asio::steady_timer::time_point::min());
        }

    private:
        BoundedChecks& all_;
        std::shared_ptr<Wait<T>> wait_;
        std::set<std::string>::iterator place_;
    };

    template <class T>
    task<void> live(std::unique_ptr<Running<T>> given, task<T> check, std::shared_ptr<Wait<T>> wait) {
        auto const running = std::move(given);
        try {
            wait->value = co_await std::move(check);
        } catch (...) {
            wait->failure = std::current_exception();
        }
    }

    asio::any_io_executor executor_;
    std::set<std::string> running_;
    TaskGroup group_;
};

}  // namespace sb::app
