// One allocation fails, at every place in turn: what waits for something of daemon/async is resumed, or destroyed, and
// the thing stays usable.
#include "daemon/async/async_mutex.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/shared_work.hpp"
#include "tests/support/failing_memory.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <new>
#include <optional>
#include <string>

using namespace sb;
using sb::test::FailingAllocation;

namespace {

constexpr std::size_t most_allocations = 2000;  // far more than there are

/// What serve() does with an exception that leaves the loop.
void run_to_the_end(asio::io_context& io) {
    for (;;) {
        try {
            io.restart();
            io.run();
            return;
        } catch (std::bad_alloc const&) {
            continue;
        }
    }
}

/// With each allocation of `attempt` failing in turn; `check` is then expected to succeed.
template <class Attempt, class Check>
void for_each_failure(Attempt attempt, Check check) {
    std::size_t nth = 1;
    for (; nth < most_allocations; ++nth) {
        SCOPED_TRACE("allocation " + std::to_string(nth));
        asio::io_context io{1};
        attempt(io, nth);
        bool const failed = FailingAllocation::has_failed();
        check();
        if (!failed) break;
    }
    EXPECT_GT(nth, 3U) << "the sweep met no allocations";
    EXPECT_LT(nth, most_allocations);
}

task<void> enter(AsyncMutex& mutex, int& entered) {
    auto const lock = co_await mutex.lock();
    ++entered;
}

task<void> hold_while_another_waits(AsyncMutex& mutex, TaskGroup& group, std::size_t nth, int& entered) {
    auto const lock = co_await mutex.lock();
    FailingAllocation const failing(nth);
    try {
        group.spawn(enter(mutex, entered));
    } catch (std::bad_alloc const&) {
        co_return;
    }
}

TEST(AsyncMutexWithoutMemory, IsUnlockedByThoseThatAreDestroyedWhileTheyWait) {
    int later = 0, expected = 0;
    auto const attempt = [&](asio::io_context& io, std::size_t nth) {
        AsyncMutex mutex;
        TaskGroup group{io.get_executor(), [](std::exception_ptr) {}};
        int entered = 0;
        group.spawn(hold_while_another_waits(mutex, group, nth, entered));
        run_to_the_end(io);
        group.spawn(enter(mutex, later));
        run_to_the_end(io);
        ++expected;
    };
    for_each_failure(attempt, [&] { EXPECT_EQ(later, expected); });
}

task<int> run_in(BlockingPool& pool) {
    auto const work = [] { return 7; };
    co_return co_await pool.run(work);
}

TEST(BlockingPoolWithoutMemory, NeitherKeepsACallerWaitingNorCountsItsWork) {
    std::optional<int> result;
    bool has_abandoned = true;
    auto const attempt = [&](asio::io_context& io, std::size_t nth) {
        BlockingPool pool{1};
        auto const done = [](std::exception_ptr, int) {};
        {
            FailingAllocation const failing(nth);
            try {
                asio::co_spawn(io, run_in(pool), done);
                io.run();
            } catch (std::bad_alloc const&) {}
        }
        run_to_the_end(io);
        result.reset();
        asio::co_spawn(io, run_in(pool), [&](std::exception_ptr, int value) { result = value; });
        run_to_the_end(io);
        pool.abandon();
        has_abandoned = pool.has_abandoned();
    };
    for_each_failure(attempt, [&] {
        EXPECT_EQ(result, 7);
        EXPECT_FALSE(has_abandoned);
    });
}

using Work = SharedWork<std::string>;

task<Result<std::string>> answer(StopFlag) {
    auto const executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    co_return std::string("the answer");
}

task<Result<std::string>> ask(Work& work) {
    auto const asker = std::make_shared<Departure>();
    co_return co_await work.run("key", asker, answer);
}

TEST(SharedWorkWithoutMemory, AnswersTheNextOneWhoAsks) {
    std::string text;
    auto const attempt = [&](asio::io_context& io, std::size_t nth) {
        Work work{io.get_executor(), {.name = "the work"}};
        auto const done = [](std::exception_ptr, Result<std::string>) {};
        {
            FailingAllocation const failing(nth);
            try {
                asio::co_spawn(io, ask(work), done);
                io.poll();
            } catch (std::bad_alloc const&) {}
        }
        text.clear();
        asio::co_spawn(io, ask(work), [&](std::exception_ptr failure, Result<std::string> reply) {
            if (!failure && reply) text = *reply;
        });
        for (bool again = true; again;) {
            again = false;
            try {
                io.restart();
                io.poll();
            } catch (std::bad_alloc const&) {
                again = true;
            }
        }
        work.stop();
        run_to_the_end(io);
    };
    for_each_failure(attempt, [&] { EXPECT_EQ(text, "the answer"); });
}

}  // namespace
