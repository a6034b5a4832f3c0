#include "daemon/async/async_mutex.hpp"

#include "daemon/async/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>

#include <exception>
#include <vector>

using namespace sb;

namespace {

/// Others run meanwhile.
task<void> give_way() {
    auto const executor = co_await asio::this_coro::executor;
    for (int turn = 0; turn < 5; ++turn) co_await asio::post(executor, asio::use_awaitable);
}

task<void> work(AsyncMutex& mutex, int number, std::vector<int>& steps) {
    auto const lock = co_await mutex.lock();
    steps.push_back(number);
    co_await give_way();
    steps.push_back(number);
}

task<void> wait_in(AsyncMutex& mutex, int& entered) {
    auto const lock = co_await mutex.lock();
    ++entered;
}

TEST(AsyncMutex, OneHoldsItAtATimeInTheOrderInWhichTheyCame) {
    asio::io_context io;
    AsyncMutex mutex;
    std::vector<int> steps;
    for (int number = 1; number <= 3; ++number) asio::co_spawn(io, work(mutex, number, steps), asio::detached);
    io.run();
    EXPECT_THAT(steps, testing::ElementsAre(1, 1, 2, 2, 3, 3));
}

task<void> lock_twice(AsyncMutex& mutex, int number, std::vector<int>& steps) {
    for (int time = 0; time < 2; ++time) {
        auto const lock = co_await mutex.lock();
        steps.push_back(number);
        co_await give_way();
    }
}

/// Otherwise one that locks it again and again keeps the others waiting.
TEST(AsyncMutex, OneThatComesAgainDoesNotOvertakeThoseThatWait) {
    asio::io_context io;
    AsyncMutex mutex;
    std::vector<int> steps;
    for (int number = 1; number <= 3; ++number) asio::co_spawn(io, lock_twice(mutex, number, steps), asio::detached);
    io.run();
    EXPECT_THAT(steps, testing::ElementsAre(1, 2, 3, 1, 2, 3));
}

TEST(AsyncMutex, ACancelledWaiterLeavesTheQueue) {
    asio::io_context io;
    AsyncMutex mutex;
    TaskGroup group(io.get_executor(), [](std::exception_ptr) {});
    std::vector<int> steps;
    int entered = 0;
    asio::co_spawn(io, work(mutex, 1, steps), asio::detached);
    group.spawn(wait_in(mutex, entered));
    asio::post(io, [&] { group.stop(); });
    asio::co_spawn(io, work(mutex, 2, steps), asio::detached);
    io.run();
    EXPECT_THAT(steps, testing::ElementsAre(1, 1, 2, 2));
    EXPECT_EQ(entered, 0);
}

}  // namespace
