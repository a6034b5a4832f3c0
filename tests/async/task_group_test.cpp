#include "daemon/async/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

using namespace sb;

namespace {

task<void> wait_for_ever(int& ended) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer never{executor, asio::steady_timer::time_point::max()};
    boost::system::error_code woken;
    co_await never.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    ++ended;
}

task<void> fail_at_once() {
    throw std::runtime_error("a bug");
    co_return;
}

task<void> end_at_once(int& ended) {
    ++ended;
    co_return;
}

task<void> stop_at_once(TaskGroup& group, int& ended) {
    group.stop();
    ++ended;
    co_return;
}

/// Asio destroys a coroutine whose operation cannot begin; the exception leaves the loop.
task<void> be_lost() {
    auto const initiate = [](auto&&) { throw std::bad_alloc(); };
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(initiate, asio::use_awaitable);
}

task<void> note_join(TaskGroup& group, bool& joined) {
    co_await group.join();
    joined = true;
}

}  // namespace

TEST(TaskGroup, StopEndsEveryChildAndJoinWaitsForTheLast) {
    asio::io_context io{1};
    int ended = 0;
    bool joined = false;
    TaskGroup group{io.get_executor(), [](std::exception_ptr) { ADD_FAILURE() << "no child crashed"; }};
    for (int i = 0; i < 3; ++i) group.spawn(wait_for_ever(ended));
    asio::co_spawn(io, note_join(group, joined), asio::detached);
    io.poll();
    EXPECT_FALSE(joined);
    group.stop();
    io.restart();
    io.run();
    EXPECT_EQ(ended, 3);
    EXPECT_TRUE(joined);
    EXPECT_TRUE(group.empty());
}

TEST(TaskGroup, ACrashIsReportedAndTheOthersContinue) {
    asio::io_context io{1};
    int ended = 0;
    int crashed = 0;
    TaskGroup group{io.get_executor(), [&](std::exception_ptr) { ++crashed; }};
    group.spawn(fail_at_once());
    group.spawn(end_at_once(ended));
    io.run();
    EXPECT_EQ(crashed, 1);
    EXPECT_EQ(ended, 1);
}

TEST(TaskGroup, AChildThatEndsWhileItIsStoppedIsHarmless) {
    // The stop is requested outside the loop, so the cancellation is queued, and the child ends before it is delivered.
    asio::io_context io{1};
    int ended = 0;
    TaskGroup group{io.get_executor(), [](std::exception_ptr) { ADD_FAILURE(); }};
    for (int i = 0; i < 100; ++i) group.spawn(end_at_once(ended));
    group.stop();
    io.run();
    EXPECT_TRUE(group.empty());
}

TEST(TaskGroup, AChildThatIsSpawnedAfterTheStopIsCancelledToo) {
    asio::io_context io{1};
    int ended = 0;
    TaskGroup group{io.get_executor(), [](std::exception_ptr) { ADD_FAILURE(); }};
    group.stop();
    group.spawn(wait_for_ever(ended));
    io.run();
    EXPECT_TRUE(group.empty());
}

TEST(TaskGroup, AChildThatIsStoppedBeforeItsFirstTurnIsCancelledWhenItWaits) {
    // Spawned outside the loop, it has not started when the other group's child, which runs first, stops it.
    asio::io_context io{1};
    int ended = 0;
    bool joined = false;
    TaskGroup early{io.get_executor(), [](std::exception_ptr) { ADD_FAILURE(); }};
    TaskGroup late{io.get_executor(), [](std::exception_ptr) { ADD_FAILURE(); }};
    early.spawn(stop_at_once(late, ended));
    late.spawn(end_at_once(ended));
    late.spawn(wait_for_ever(ended));
    asio::co_spawn(io, note_join(late, joined), asio::detached);
    EXPECT_NO_THROW(io.run());
    EXPECT_EQ(ended, 3);
    EXPECT_TRUE(late.empty());
    EXPECT_TRUE(joined);
}

TEST(TaskGroup, AChildMayStopItsOwnGroupInItsFirstTurn) {
    asio::io_context io{1};
    int ended = 0;
    TaskGroup group{io.get_executor(), [](std::exception_ptr) { ADD_FAILURE(); }};
    group.spawn(stop_at_once(group, ended));
    group.spawn(wait_for_ever(ended));
    EXPECT_NO_THROW(io.run());
    EXPECT_EQ(ended, 2);
    EXPECT_TRUE(group.empty());
}

TEST(TaskGroup, AChildThatIsDestroyedInsteadOfResumedLeavesTheGroupAndIsReported) {
    asio::io_context io{1};
    int ended = 0;
    int crashed = 0;
    bool joined = false;
    TaskGroup group{io.get_executor(), [&](std::exception_ptr) { ++crashed; }};
    group.spawn(be_lost());
    group.spawn(wait_for_ever(ended));
    EXPECT_THROW(io.run(), std::bad_alloc);
    io.poll();
    EXPECT_EQ(crashed, 1);
    asio::co_spawn(io, note_join(group, joined), asio::detached);
    group.stop();
    io.run();
    EXPECT_EQ(ended, 1);
    EXPECT_TRUE(joined);
    EXPECT_TRUE(group.empty());
}
