#pragma once
// Blocking work off the event loop: `T result = co_await pool.run(work)`. One pool for files and
// hashing; one of a single thread for SQLite, so that its calls keep their order.

#include "daemon/async/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace sb {

class BlockingPool {
public:
    explicit BlockingPool(std::size_t threads) : threads_(std::make_unique<asio::thread_pool>(threads)) {}
    /// Waits for the work in progress, but not for what was abandoned: then the threads are left as they are, and the
    /// process should end without destroying what the work uses.
    ~BlockingPool() {
        if (has_abandoned()) static_cast<void>(threads_.release());
        else threads_->join();
    }

    /// Runs `work` on a pool thread and returns to the caller's executor with what it returned or threw. Cancellation
    /// does not interrupt it: work started on disk is completed. Name the lambda before the co_await
    /// (docs/pitfalls.md). After abandon() it throws `operation_aborted`.
    template <class Work>
    task<std::invoke_result_t<Work&>> run(Work work) {
        using T = std::invoke_result_t<Work&>;
        static_assert(!std::is_void_v<T>, "return a Result<void>, so that failures have a way back");
        auto outcome = std::make_shared<Outcome<T>>();
        co_await hop(std::move(work), outcome);
        // Not its value: the work may still be writing it.
        if (outcome->is_abandoned) throw boost::system::system_error(asio::error::operation_aborted);
        if (outcome->failure) std::rethrow_exception(outcome->failure);
        co_return std::move(*outcome->value);
    }

    /// For the stop, when work does not return (a hung share): stops all callers that wait, now and later. Their work
    /// may still run; its result is dropped. Call it on the callers' thread.
    void abandon() {
        auto const waiting = callers_->abandon();
        for (auto const& stop : waiting) stop();
    }
    /// Whether work that was abandoned has not returned.
    bool has_abandoned() const { return callers_->has_abandoned(); }

private:
    template <class T>
    struct Outcome {
        std::optional<T> value;
        std::exception_ptr failure;
        bool is_abandoned = false;  ///< set and read on the caller's thread
    };

    /// Who waits for which work. Shared with the work, which may outlive the pool.
    class Callers {
    public:
        /// Nothing after abandon(). `stop`: ends the wait.
        std::optional<std::uint64_t> add(std::function<void()> stop) {
            std::lock_guard const lock(mutex_);
            if (abandoned_) return std::nullopt;
            stops_.emplace(++last_, std::move(stop));
            ++unfinished_;
            return last_;
        }
        /// The work is about to start. Whether its caller still waits.
        bool is_wanted(std::uint64_t number) const {
            std::lock_guard const lock(mutex_);
            return stops_.contains(number);
        }
        /// The work has ended. Whether its caller still waits.
        bool remove(std::uint64_t number) {
            std::lock_guard const lock(mutex_);
            --unfinished_;
            return stops_.erase(number) > 0;
        }
        std::vector<std::function<void()>> abandon() {
            std::lock_guard const lock(mutex_);
            abandoned_ = true;
            std::vector<std::function<void()>> stops;
            for (auto& [number, stop] : stops_) stops.push_back(std::move(stop));
            stops_.clear();
            return stops;
        }
        bool has_abandoned() const {
            std::lock_guard const lock(mutex_);
            return abandoned_ && unfinished_ > 0;
        }

    private:
        mutable std::mutex mutex_;
        std::map<std::uint64_t, std::function<void()>> stops_;
        std::uint64_t last_ = 0;
        std::uint64_t unfinished_ = 0;
        bool abandoned_ = false;
    };

    template <class Work, class T>
    auto hop(Work work, std::shared_ptr<Outcome<T>> outcome) {
        auto initiate = [this, work = std::move(work), outcome](auto handler) mutable {
            auto back = asio::get_associated_executor(handler);
            // The event loop runs until the caller is resumed: once, by the work or by abandon().
            auto guard = std::make_shared<decltype(asio::make_work_guard(back))>(asio::make_work_guard(back));
            auto resume = std::make_shared<decltype(handler)>(std::move(handler));
            auto stop = [outcome, resume, back, guard] {
                outcome->is_abandoned = true;
                asio::post(back, std::move(*resume));
                guard->reset();
            };
            auto const number = callers_->add(stop);
            if (!number) return stop();
            auto job = [work = std::move(work), outcome, back, guard, resume, callers = callers_,
                        number = *number]() mutable {
                std::optional<T> value;
                std::exception_ptr failure;
                try {
                    if (callers->is_wanted(number)) value.emplace(work());
                } catch (...) {
                    failure = std::current_exception();
                }
                if (!callers->remove(number)) return;
                outcome->value = std::move(value);
                outcome->failure = failure;
                asio::post(back, std::move(*resume));
            };
            try {
                asio::post(*threads_, std::move(job));
            } catch (...) {  // no memory: what is kept for the way back would keep the caller waiting
                callers_->remove(*number);
                throw;
            }
        };
        return asio::async_initiate<asio::use_awaitable_t<> const, void()>(std::move(initiate), asio::use_awaitable);
    }

    std::unique_ptr<asio::thread_pool> threads_;
    std::shared_ptr<Callers> callers_ = std::make_shared<Callers>();
};

}  // namespace sb
