// A year of nights: the decisions alone, simulated by a test that starts what they say and lets it finish.
#include "daemon/core/plan.hpp"

#include "schedule_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;

namespace {

struct Year {
    struct Attempt {
        UtcTime starts, ends;
        bool succeeds;
    };

    Zone const& zone;
    Settings settings;
    Facts facts;
    std::map<VmUuid, std::vector<Attempt>> attempts;
    int failures_in_hundred = 0;
    VmUuid always_fails;
    int longest_minutes = 20;
    std::mt19937 random{42};

    void run_until(UtcTime end) {
        std::multimap<UtcTime, std::pair<VmUuid, bool>> running;
        std::optional<UtcTime> window;
        while (facts.now < end) {
            auto const opened = opening_before(settings.timing.window, facts.now, zone);
            if (opened != window) facts.failures.clear();
            window = opened;
            std::vector<VmUuid> in_progress;
            for (auto const& [when, vm] : running) in_progress.push_back(vm.first);
            auto const p = plan(facts, settings, in_progress, zone);
            for (auto const& vm : p.start) {
                auto const ends = facts.now + 1s * std::uniform_int_distribution<int>(60, 60 * longest_minutes)(random);
                bool const ok =
                    std::uniform_int_distribution<int>(0, 99)(random) >= failures_in_hundred && vm != always_fails;
                attempts[vm].push_back({facts.now, ends, ok});
                running.emplace(ends, std::pair(vm, ok));
            }
            ASSERT_TRUE(p.wake_at);
            ASSERT_GT(*p.wake_at, facts.now);
            ASSERT_LE(running.size(), static_cast<std::size_t>(settings.slots));
            if (running.empty() || *p.wake_at < running.begin()->first) {
                facts.now = *p.wake_at;
                continue;
            }
            auto const [vm, ok] = running.begin()->second;
            facts.now = running.begin()->first;
            running.erase(running.begin());
            if (ok) note_success(vm);
            else facts.failures[vm] = {facts.failures[vm].count + 1, facts.now, "failed"};
        }
    }

    void note_success(VmUuid const& vm) {
        facts.failures.erase(vm);
        std::erase_if(facts.copies, [&](Copy const& copy) { return copy.vm == vm; });
        facts.copies.push_back({vm, attempts[vm].back().starts});
    }
};

Year a_year(Zone const& zone, int vms, int interval_days) {
    Year year{.zone = zone, .settings = {.timing = every(interval_days), .slots = 3}};
    year.facts.now = at("2026-01-01 12:00", zone);
    for (int i = 0; i < vms; ++i) year.facts.vms.push_back(a_vm("vm-" + std::to_string(i)));
    return year;
}

/// The days on which the windows opened in which a VM was backed up, as days since 1970.
std::vector<int> nights_of(Year const& year, VmUuid const& vm) {
    std::vector<int> nights;
    for (auto const& attempt : year.attempts.at(vm)) {
        if (!attempt.succeeds) continue;
        auto const opened = opening_before(year.settings.timing.window, attempt.starts, year.zone);
        nights.push_back(
            static_cast<int>(std::chrono::floor<days>(to_civil(opened, year.zone)).time_since_epoch().count()));
    }
    return nights;
}

}  // namespace

// The predecessor: "'1 day' and a nightly start: … a backup every second night."
TEST(SimulatedYear, OneDayMakesOneBackupEachNightForEveryVm) {
    auto const zone = berlin();
    auto year = a_year(zone, 20, 1);
    year.longest_minutes = 100;  // so that it takes most of the night
    year.run_until(at("2026-12-31 12:00", zone));
    ASSERT_EQ(year.attempts.size(), 20u);
    for (auto const& [vm, attempts] : year.attempts) {
        auto const nights = nights_of(year, vm);
        ASSERT_EQ(nights.size(), 364u) << vm.text();
        for (std::size_t i = 1; i < nights.size(); ++i) ASSERT_EQ(nights[i], nights[i - 1] + 1) << vm.text();
    }
}

TEST(SimulatedYear, SevenDaysKeepsTheWeekday) {
    auto const zone = lord_howe();
    auto year = a_year(zone, 40, 7);
    year.longest_minutes = 50;  // so that it takes most of the first night
    year.run_until(at("2026-12-31 12:00", zone));
    for (auto const& [vm, attempts] : year.attempts) {
        auto const nights = nights_of(year, vm);
        ASSERT_EQ(nights.size(), 52u) << vm.text();
        for (std::size_t i = 1; i < nights.size(); ++i) ASSERT_EQ(nights[i], nights[i - 1] + 7) << vm.text();
    }
}

TEST(SimulatedYear, WithFailuresNoVmIsLaterThanItsOwnFailedAttemptsExplain) {
    auto const zone = berlin();
    auto year = a_year(zone, 60, 1);
    year.failures_in_hundred = 15;
    year.run_until(at("2026-12-31 12:00", zone));
    ASSERT_EQ(year.attempts.size(), 60u);
    int missed = 0;
    for (auto const& [vm, attempts] : year.attempts) {
        auto const nights = nights_of(year, vm);
        ASSERT_TRUE(std::ranges::adjacent_find(nights) == nights.end()) << "twice in one night: " << vm.text();
        for (std::size_t i = 1; i < nights.size(); ++i) {
            if (nights[i] == nights[i - 1] + 1) continue;
            ++missed;
            // In the night between, all attempts failed, the last one so late that the window closed before the retry.
            auto const failed_there = std::ranges::count_if(attempts, [&](Year::Attempt const& a) {
                auto const night = std::chrono::floor<days>(to_civil(a.starts - 6h, zone)).time_since_epoch().count();
                return !a.succeeds && night > nights[i - 1] && night < nights[i];
            });
            ASSERT_GE(failed_there, 4) << vm.text() << " missed a night without having failed enough";
        }
    }
    EXPECT_LT(missed, 60);
}

// The predecessor: 'A VM whose POST fails makes no folder …: three nights, no backup of the eight others.'
TEST(SimulatedYear, AVmThatAlwaysFailsDoesNotDelayTheOthers) {
    auto const zone = utc();
    auto year = a_year(zone, 9, 1);
    year.settings.slots = 1;
    year.always_fails = VmUuid{"vm-0"};
    year.facts.vms[0].disks[0].allocation_bytes = 90'000'000'000;  // first in every tie
    year.run_until(at("2026-02-01 12:00", zone));
    EXPECT_GT(year.attempts.at(year.always_fails).size(), 31u * 10);  // tried again all night long
    for (int i = 1; i < 9; ++i) EXPECT_EQ(nights_of(year, VmUuid{"vm-" + std::to_string(i)}).size(), 31u);
}
