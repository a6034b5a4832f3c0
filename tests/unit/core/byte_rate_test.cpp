#include "daemon/core/byte_rate.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;

namespace {

SteadyTime const rate_start{1h};
constexpr std::uint64_t mebibyte = 1u << 20;

TEST(ByteRate, KeepsTheLimitOverAnyDuration) {
    ByteRate rate(100 * mebibyte);
    auto now = rate_start;
    std::uint64_t read = 0;
    while (now < rate_start + 1h) {
        auto const some = 1 + read % (40 * mebibyte);
        read += some;
        now += rate.take(some, now) + 3ms;  // the read itself takes some time
    }
    auto const seconds = std::chrono::duration<double>(now - rate_start).count();
    EXPECT_LE(static_cast<double>(read) / seconds, 100.0 * mebibyte);
    EXPECT_GE(static_cast<double>(read) / seconds, 95.0 * mebibyte);
}

TEST(ByteRate, IdleTimeAllowsNoBurst) {
    ByteRate rate(10 * mebibyte);
    rate.take(mebibyte, rate_start);
    EXPECT_EQ(rate.take(10 * mebibyte, rate_start + 24h), 1s);
}

TEST(ByteRate, WithoutALimitNothingWaits) {
    ByteRate rate(std::nullopt);
    EXPECT_EQ(rate.take(std::uint64_t{1} << 40, rate_start), 0ms);
    EXPECT_EQ(rate.slice(), 64 * mebibyte);
}

TEST(ByteRate, SlicesAreShortAtLowRates) {
    EXPECT_EQ(ByteRate(100 * mebibyte).slice(), 25 * mebibyte);
    EXPECT_EQ(ByteRate(mebibyte).slice(), 2 * mebibyte) << "a chunk at least";
}

TEST(ByteRate, ANewLimitAppliesFromThenOn) {
    ByteRate rate(mebibyte);
    EXPECT_EQ(rate.take(mebibyte, rate_start), 1s);
    rate.set_limit(10 * mebibyte);
    EXPECT_EQ(rate.take(mebibyte, rate_start + 1s), 100ms);
}

}  // namespace
