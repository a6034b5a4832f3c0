#include "daemon/core/forecast.hpp"

#include "schedule_samples.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;

namespace {

struct ForecastTest : ::testing::Test {
    RuleZone zone = berlin();
    ForecastFacts facts;

    ForecastTest() {
        facts.schedule.now = at("2026-11-23 12:00", zone);
        for (auto const* vm : {"a", "b", "c", "d"}) {
            facts.schedule.vms.push_back(a_vm(vm));
            facts.schedule.usual_durations[VmUuid{vm}] = 1h;
        }
        facts.settings = {.timing = every(1), .slots = 3};
        facts.retention.now = facts.schedule.now;
        facts.free_bytes = 1'000'000'000'000;
    }
    Forecast simulated(int nights) { return simulate(facts, nights, zone); }
};

}  // namespace

TEST_F(ForecastTest, ShowsWhichVmIsBackedUpWhen) {
    auto const forecast = simulated(2);
    ASSERT_EQ(forecast.nights.size(), 2u);
    auto const& night = forecast.nights[0];
    EXPECT_EQ(night.opens, at("2026-11-23 17:00", zone));
    EXPECT_EQ(night.closes, at("2026-11-24 06:00", zone));
    ASSERT_EQ(night.backed_up.size(), 4u);
    EXPECT_EQ(night.backed_up[3].starts, at("2026-11-23 18:00", zone));
    EXPECT_EQ(night.ends, at("2026-11-23 19:00", zone));
    EXPECT_TRUE(night.long_enough());
    EXPECT_EQ(forecast.nights[1].backed_up.size(), 4u);
    EXPECT_FALSE(forecast.disk_full_at);
}

TEST_F(ForecastTest, SaysWhenTheWindowIsTooShort) {
    facts.settings.slots = 1;
    facts.settings.timing.window = {1h, 3h};
    auto const forecast = simulated(1);
    ASSERT_EQ(forecast.nights.size(), 1u);
    EXPECT_EQ(forecast.nights[0].backed_up.size(), 2u);
    EXPECT_EQ(forecast.nights[0].not_reached.size(), 2u);
    EXPECT_FALSE(forecast.nights[0].long_enough());
}

TEST_F(ForecastTest, AnExportThatRunsPastTheEndOfTheWindowFinishes) {
    facts.settings.slots = 1;
    facts.settings.timing.window = {1h, 2h + 30min};
    auto const forecast = simulated(1);
    EXPECT_EQ(forecast.nights[0].backed_up.size(), 2u);
    EXPECT_EQ(forecast.nights[0].ends, at("2026-11-24 03:00", zone));
}

TEST_F(ForecastTest, ShowsWhichCopiesAreDeleted) {
    facts.policy.max_backups = 1;
    facts.retention.backups = {a_copy("a", facts.schedule.now - days{1}, "yesterday's")};
    facts.schedule.copies = {{VmUuid{"a"}, facts.schedule.now - days{1}}};
    auto const forecast = simulated(2);
    ASSERT_EQ(forecast.nights[0].deleted.size(), 1u);
    EXPECT_EQ(forecast.nights[0].deleted[0].backup, "yesterday's");
    EXPECT_EQ(forecast.nights[0].deleted[0].rule, Rule::max_backups);
    EXPECT_EQ(forecast.nights[1].deleted.size(), 4u);
    EXPECT_EQ(forecast.nights[1].deleted[0].backup, "2026-11-23 17:00 name of b");
}

TEST_F(ForecastTest, ACleanUpThatNeedsAConfirmationDeletesNothing) {
    facts.policy.max_backups = 1;
    for (int i = 1; i <= 30; ++i)
        facts.retention.backups.push_back(a_copy("a", facts.schedule.now - days{i}, std::to_string(i)));
    auto const forecast = simulated(1);
    EXPECT_TRUE(forecast.nights[0].confirmation_needed);
    EXPECT_TRUE(forecast.nights[0].deleted.empty());
}

TEST_F(ForecastTest, SaysWhenTheDiskIsFull) {
    facts.free_bytes = 6'500'000'000;  // four a night, 1 GB each
    auto const forecast = simulated(3);
    ASSERT_TRUE(forecast.disk_full_at);
    EXPECT_EQ(*forecast.disk_full_at, at("2026-11-24 18:00", zone));
    facts.policy.max_backups = 1;
    facts.free_bytes = 8'500'000'000;
    EXPECT_FALSE(simulated(10).disk_full_at);
}

TEST_F(ForecastTest, AnAlwaysOpenWindowIsCountedInDays) {
    facts.settings.timing = every(1, {0min, 0min});
    auto const forecast = simulated(5);
    ASSERT_GE(forecast.nights.size(), 5u);
    for (auto const& day : forecast.nights) EXPECT_EQ(day.backed_up.size(), 4u);
    EXPECT_TRUE(forecast.nights[0].long_enough());
}

TEST_F(ForecastTest, RunningExportsAreTakenIntoAccount) {
    facts.schedule.now = at("2026-11-23 17:30", zone);
    facts.in_progress = {VmUuid{"a"}, VmUuid{"b"}, VmUuid{"c"}};
    auto const forecast = simulated(1);
    ASSERT_EQ(forecast.nights[0].backed_up.size(), 4u);
    EXPECT_EQ(forecast.nights[0].backed_up[3].vm, VmUuid{"d"});
    EXPECT_EQ(forecast.nights[0].backed_up[3].starts, at("2026-11-23 18:30", zone));
}

TEST_F(ForecastTest, WithoutVmsTheNightsAreEmpty) {
    facts.schedule.vms.clear();
    auto const forecast = simulated(3);
    EXPECT_EQ(forecast.nights.size(), 3u);
    EXPECT_TRUE(simulated(0).nights.empty());
}

TEST_F(ForecastTest, EndsEarlyWhenItIsStopped) {
    int asked = 0;
    auto const forecast = simulate(facts, 366, zone, [&] { return ++asked > 20; });
    EXPECT_LT(forecast.nights.size(), 30u);
    EXPECT_LT(asked, 100);
}

TEST_F(ForecastTest, IsNotMadeForMoreThanCanBeComputedInReasonableTime) {
    EXPECT_TRUE(check_forecast_size(366, 100));
    EXPECT_TRUE(check_forecast_size(60, 1000));
    EXPECT_TRUE(check_forecast_size(366, 0));
    auto const refused = check_forecast_size(366, 1000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_params);
    EXPECT_NE(refused.error().context.find("at most 200"), std::string::npos) << refused.error().context;
}
