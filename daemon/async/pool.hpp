#pragma once
// Blocking work off the event loop: `T result = co_await pool.run(work)`. One pool for files and
// hashing; one of a single thread for SQLite, so that its calls keep their order.

#include "daemon/async/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>

namespace sb {

class BlockingPool {
public:
    explicit BlockingPool(std::size_t threads) : threads_(threads) {}
    ~BlockingPool() { threads_.join(); }

    /// Runs `work` on a pool thread and returns to the caller's executor with what it returned or threw. Cancellation
    /// does not interrupt it: work started on disk is completed. Name the lambda before the co_await
    /// (docs/pitfalls.md).
    template <class Work>
    task<std::invoke_result_t<Work&>> run(Work work) {
        using T = std::invoke_result_t<Work&>;
        static_assert(!std::is_void_v<T>, "return a Result<void>, so that failures have a way back");
        auto outcome = std::make_shared<Outcome<T>>();
        co_await hop(std::move(work), outcome);
        if (outcome->failure) std::rethrow_exception(outcome->failure);
        co_return std::move(*outcome->value);
    }

private:
    template <class T>
    struct Outcome {
        std::optional<T> value;
        std::exception_ptr failure;
    };

    template <class Work, class T>
    auto hop(Work work, std::shared_ptr<Outcome<T>> outcome) {
        auto initiate = [this, work = std::move(work), outcome](auto handler) mutable {
            auto back = asio::get_associated_executor(handler);
            auto guard = asio::make_work_guard(back);
            auto job = [work = std::move(work), outcome, back, guard = std::move(guard),
                        handler = std::move(handler)]() mutable {
                try {
                    outcome->value.emplace(work());
                } catch (...) {
                    outcome->failure = std::current_exception();
                }
                asio::post(back, std::move(handler));
            };
            asio::post(threads_, std::move(job));
        };
        return asio::async_initiate<asio::use_awaitable_t<> const, void()>(std::move(initiate), asio::use_awaitable);
    }

    asio::thread_pool threads_;
};

}  // namespace sb
