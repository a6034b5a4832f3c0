#include "daemon/async/pool.hpp"

#include "common/error.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

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
