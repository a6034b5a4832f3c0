#include "daemon/platform/real_time.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace sb::platform {
namespace {

TEST(RealTime, SleepsNoShorterThanAsked) {
    RealTime time;
    asio::io_context io;
    auto const when = time.steady_now() + Milliseconds(5);
    bool woke = false;
    asio::co_spawn(io, time.sleep_until(when), [&](std::exception_ptr failure) { woke = failure == nullptr; });
    io.run();
    EXPECT_TRUE(woke);
    EXPECT_GE(time.steady_now(), when);
}

TEST(RealTime, ASleepCanBeCancelled) {
    RealTime time;
    asio::io_context io;
    asio::cancellation_signal stop;
    bool cancelled = false;
    auto const far = time.steady_now() + std::chrono::hours(24);
    asio::co_spawn(
        io, time.sleep_until(far),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure) { cancelled = failure != nullptr; }));
    io.poll();
    stop.emit(asio::cancellation_type::terminal);
    io.run();
    EXPECT_TRUE(cancelled);
}

}  // namespace
}  // namespace sb::platform
