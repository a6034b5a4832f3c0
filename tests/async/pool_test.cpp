#include "daemon/async/pool.hpp"

#include "common/error.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace sb;

namespace {

template <class T>
T wait(asio::io_context& io, task<T> call) {
    std::optional<T> answer;
    auto done = [&answer](std::exception_ptr failure, T value) {
        if (failure) std::rethrow_exception(failure);
        answer = std::move(value);
    };
    asio::co_spawn(io, std::move(call), done);
    io.restart();
    io.run();
    return std::move(answer.value());
}

task<std::vector<std::thread::id>> where(BlockingPool& pool) {
    std::vector<std::thread::id> threads;
    threads.push_back(std::this_thread::get_id());
    auto work = [] { return std::this_thread::get_id(); };
    auto const inside = co_await pool.run(std::move(work));
    threads.push_back(inside);
    threads.push_back(std::this_thread::get_id());
    co_return threads;
}

task<Result<std::string>> failing(BlockingPool& pool) {
    auto work = []() -> Result<std::string> { return Error{Errc::io, "the disk said no"}; };
    co_return co_await pool.run(std::move(work));
}

task<int> throwing(BlockingPool& pool) {
    auto work = []() -> int { throw std::runtime_error("a bug"); };
    co_return co_await pool.run(std::move(work));
}

task<std::vector<int>> in_order(BlockingPool& pool) {
    std::vector<int> order;
    for (int i = 0; i < 100; ++i) {
        auto work = [i] { return i; };
        auto const done = co_await pool.run(std::move(work));
        order.push_back(done);
    }
    co_return order;
}

}  // namespace

TEST(BlockingPool, WorksOnAnotherThreadAndReturns) {
    asio::io_context io{1};
    BlockingPool pool{1};
    auto const threads = wait(io, where(pool));
    EXPECT_EQ(threads[0], std::this_thread::get_id());
    EXPECT_NE(threads[1], threads[0]);
    EXPECT_EQ(threads[2], threads[0]);
}

TEST(BlockingPool, ReturnsErrorsAndExceptions) {
    asio::io_context io{1};
    BlockingPool pool{2};
    EXPECT_EQ(wait(io, failing(pool)).error().context, "the disk said no");
    EXPECT_THROW(wait(io, throwing(pool)), std::runtime_error);
}

TEST(BlockingPool, KeepsTheOrderOfOneCaller) {
    asio::io_context io{1};
    BlockingPool pool{1};
    auto const order = wait(io, in_order(pool));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

namespace {

/// Work that hangs until the test lets it return.
struct Hung {
    std::promise<void> returns;
    std::promise<void> has_begun;
    std::promise<void> has_ended;
};

task<int> hanging(BlockingPool& pool, std::shared_ptr<Hung> hung) {
    auto work = [hung] {
        hung->has_begun.set_value();
        hung->returns.get_future().wait();
        hung->has_ended.set_value();
        return 1;
    };
    co_return co_await pool.run(std::move(work));
}

task<int> counting(BlockingPool& pool, std::shared_ptr<int> count) {
    auto work = [count] { return ++*count; };
    co_return co_await pool.run(std::move(work));
}

}  // namespace

TEST(BlockingPool, AbandonedWorkStopsItsCallersAndTheEventLoopEndsWhileItHangs) {
    auto const hung = std::make_shared<Hung>();
    auto const count = std::make_shared<int>(0);
    int stopped = 0;
    auto const on_stop = [&stopped](std::exception_ptr failure, int) {
        try {
            if (failure) std::rethrow_exception(failure);
        } catch (boost::system::system_error const& e) {
            if (e.code() == asio::error::operation_aborted) ++stopped;
        }
    };
    {
        BlockingPool pool{1};
        {
            asio::io_context io{1};
            asio::co_spawn(io, hanging(pool, hung), on_stop);
            asio::co_spawn(io, counting(pool, count), on_stop);
            io.poll();
            hung->has_begun.get_future().wait();
            EXPECT_FALSE(pool.has_abandoned());
            pool.abandon();
            EXPECT_TRUE(pool.has_abandoned());
            io.restart();
            io.run();
            EXPECT_EQ(stopped, 2);
            asio::co_spawn(io, counting(pool, count), on_stop);
            io.restart();
            io.run();
            EXPECT_EQ(stopped, 3) << "later calls are stopped too";
        }
        hung->returns.set_value();
        hung->has_ended.get_future().wait();
        while (pool.has_abandoned()) std::this_thread::yield();
    }
    EXPECT_EQ(*count, 0) << "what had not begun does not begin any more";
}
