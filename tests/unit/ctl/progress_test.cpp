#include "ctl/follow/progress.hpp"

#include <gtest/gtest.h>

namespace sb::ctl {
namespace {

using std::chrono::seconds;

SteadyTime after(int s) { return SteadyTime{seconds{1000 + s}}; }
constexpr std::uint64_t gib = 1ULL << 30;

TEST(ProgressMeter, KnowsNothingAtFirst) {
    ProgressMeter meter;
    EXPECT_FALSE(meter.forecast(after(0), gib).left);
    meter.observe(after(0), 40);
    EXPECT_FALSE(meter.forecast(after(5), gib).left);
    EXPECT_FALSE(meter.forecast(after(5), gib).bytes_per_second);
}

TEST(ProgressMeter, TurnsASteadyPaceIntoRateAndTimeLeft) {
    ProgressMeter meter;
    for (int i = 1; i <= 10; ++i) meter.observe(after(i), i);  // 1 % a second
    auto const forecast = meter.forecast(after(10), 100 * gib);
    EXPECT_EQ(forecast.bytes_per_second, gib);
    EXPECT_EQ(forecast.left, seconds{90});
    EXPECT_EQ(meter.forecast(after(11), 100 * gib).left, seconds{89});
}

TEST(ProgressMeter, HasNoRateWithoutASize) {
    ProgressMeter meter;
    meter.observe(after(0), 1);
    meter.observe(after(10), 11);
    EXPECT_FALSE(meter.forecast(after(10), 0).bytes_per_second);
    EXPECT_EQ(meter.forecast(after(10), 0).left, seconds{89});
}

TEST(ProgressMeter, ForgetsTheClustersQueue) {
    ProgressMeter meter;
    meter.observe(after(0), 0);
    meter.observe(after(600), 1);
    meter.observe(after(601), 2);
    meter.observe(after(602), 3);
    EXPECT_EQ(meter.forecast(after(602), 100 * gib).bytes_per_second, gib);
}

TEST(ProgressMeter, FollowsAClusterThatGetsSlower) {
    ProgressMeter meter;
    for (int i = 1; i <= 20; ++i) meter.observe(after(i), i);
    for (int i = 1; i <= 10; ++i) meter.observe(after(20 + 10 * i), 20 + i);  // 0.1 % a second
    auto const forecast = meter.forecast(after(120), 100 * gib);
    EXPECT_EQ(forecast.left, seconds{700});
}

TEST(ProgressMeter, SilenceLowersTheRate) {
    ProgressMeter meter;
    meter.observe(after(0), 10);
    meter.observe(after(1), 11);
    auto const rate = [&](int s) { return *meter.forecast(after(s), 100 * gib).bytes_per_second; };
    EXPECT_EQ(rate(1), rate(3));
    EXPECT_LT(rate(30), rate(3) / 10);
    EXPECT_GE(meter.forecast(after(100000), gib).left.value_or(seconds{0}), seconds{0});
}

TEST(ProgressMeter, BeginsAnewWhenThePercentGoesBack) {
    ProgressMeter meter;
    meter.observe(after(0), 50);
    meter.observe(after(1), 60);
    meter.observe(after(2), 5);
    EXPECT_FALSE(meter.forecast(after(2), gib).left);
    meter.observe(after(7), 10);
    EXPECT_EQ(meter.forecast(after(7), gib).left, seconds{90});
}

TEST(ProgressMeter, IsDoneAtAHundred) {
    ProgressMeter meter;
    meter.observe(after(0), 90);
    meter.observe(after(1), 250);
    EXPECT_EQ(meter.forecast(after(2), gib).left, seconds{0});
}

}  // namespace
}  // namespace sb::ctl
