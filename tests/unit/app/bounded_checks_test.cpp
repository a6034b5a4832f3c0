#include "daemon/app/bounded_checks.hpp"

#include "common/error.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

namespace sb::app {
namespace {

using namespace std::chrono_literals;

class BoundedChecksTest : public testing::Test {
protected:
    /// Returns once `gate` is cancelled.
    static task<Result<int>> wait_for(asio::steady_timer& gate) {
        boost::system::error_code ignored;
        co_await gate.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        co_return 7;
    }
    static task<Result<int>> seven() { co_return 7; }
    static task<Result<int>> bug() {
        throw std::logic_error("a bug");
        co_return 7;
    }
    /// The answer in `answer`; what it throws is thrown by run_one().
    void start(task<Result<int>> check, Milliseconds limit) {
        is_answered = false;
        answer.reset();
        asio::co_spawn(io, checks.run("a check", limit, std::move(check)),
                       [this](std::exception_ptr failure, std::optional<Result<int>> value) {
                           is_answered = true;
                           answer = std::move(value);
                           if (failure) std::rethrow_exception(failure);
                       });
    }
    template <class Done>
    void run_until(Done done) {
        io.restart();
        while (!done()) ASSERT_GT(io.run_one(), 0u) << "nothing is left to wait for";
    }
    void run_until_answered() {
        run_until([this] { return is_answered; });
    }
    /// Everything that needs no time.
    void settle() {
        io.restart();
        while (io.poll_one() > 0) {}
    }

    ~BoundedChecksTest() override {
        checks.stop();
        io.restart();
        io.run_for(10s);
    }

    asio::io_context io;
    BoundedChecks checks{io.get_executor()};
    asio::steady_timer gate{io, asio::steady_timer::time_point::max()};
    bool is_answered = false;
    std::optional<Result<int>> answer;
};

TEST_F(BoundedChecksTest, OneThatReturnsIsNotWaitedForAnyLonger) {
    start(seven(), 1h);
    run_until_answered();
    ASSERT_TRUE(answer);
    EXPECT_EQ(**answer, 7);
    EXPECT_FALSE(checks.is_running("a check"));
    start(wait_for(gate), 1h);
    settle();
    EXPECT_FALSE(is_answered);
    gate.cancel();
    run_until_answered();
    EXPECT_TRUE(answer);
}

TEST_F(BoundedChecksTest, OneThatHangsEndsTheWaitAndIsNotStartedAgainBeforeItReturns) {
    start(wait_for(gate), 1ms);
    run_until_answered();
    EXPECT_FALSE(answer);
    EXPECT_TRUE(checks.is_running("a check"));
    start(seven(), 1h);
    run_until_answered();
    EXPECT_FALSE(answer) << "an earlier one has not returned";
    gate.cancel();
    run_until([this] { return !checks.is_running("a check"); });
    start(seven(), 1h);
    run_until_answered();
    EXPECT_TRUE(answer);
}

TEST_F(BoundedChecksTest, WhatIsLateCanBeWaitedForAtTheEnd) {
    start(wait_for(gate), 1ms);
    run_until_answered();
    bool is_joined = false;
    asio::co_spawn(io, checks.join(), [&](std::exception_ptr) { is_joined = true; });
    settle();
    EXPECT_FALSE(is_joined);
    checks.stop();
    run_until([&] { return is_joined; });
    EXPECT_FALSE(checks.is_running("a check"));
}

TEST_F(BoundedChecksTest, WhatACheckThrowsReachesTheCaller) {
    start(bug(), 1h);
    EXPECT_THROW(run_until_answered(), std::logic_error);
    EXPECT_FALSE(checks.is_running("a check"));
}

}  // namespace
}  // namespace sb::app
