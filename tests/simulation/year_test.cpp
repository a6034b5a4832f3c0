// A year of nights with failures: tests the whole schedule.
#include "tests/simulation/schedule_fixture.hpp"
#include "tests/support/sanitized.hpp"

#include <spdlog/spdlog.h>

#include <map>
#include <random>

using namespace sb;
using namespace sb::core;
using namespace sb::test;

TEST(Year, SixtyVmsAreLateByNoMoreThanTheirOwnFailuresExplain) {
    auto const level = spdlog::get_level();
    spdlog::set_level(spdlog::level::off);  // thousands of planned failures
    ScheduleFixture fixture;
    fixture.zone = berlin();
    fixture.keep_changes = false;
    fixture.cluster.forget_after = 150;
    fixture.check_clock_every = 30min;
    fixture.settings.policy.max_backups = 2;
    std::mt19937 random(20260301);
    constexpr int vms = sanitized ? 10 : 60;
    for (int i = 0; i < vms; ++i)
        fixture.cluster.add_vm("VM" + std::to_string(100 + i), std::uint64_t{1} << (20 + i % 10));

    // Three slots for thirteen hours are 2340 minutes; sixty exports of 5 to 40 minutes need about 1350 of them.
    std::uniform_int_distribution<int> minutes(5, 40);
    std::bernoulli_distribution fails(0.03);
    std::size_t failures = 0;
    std::map<std::string, UtcTime> last_good;
    std::map<std::string, int> failed_since;
    std::map<std::string, Milliseconds> longest_gap_without_failure;
    fixture.start();
    auto const previous = fixture.on_change;
    fixture.on_change = [&](Job const& job) {
        previous(job);
        if (job.phase != Phase::finished) return;
        if (job.outcome != Outcome::succeeded) {
            ++failures;
            ++failed_since[job.vm_name];
            return;
        }
        if (last_good.contains(job.vm_name) && failed_since[job.vm_name] == 0) {
            auto& longest = longest_gap_without_failure[job.vm_name];
            longest = std::max(longest, *job.posted - last_good[job.vm_name]);
        }
        last_good[job.vm_name] = *job.posted;
        failed_since[job.vm_name] = 0;
    };
    auto const plan_night = [&] {
        fixture.cluster.task_error.clear();
        for (auto const& vm : fixture.cluster.vms) {
            fixture.cluster.lengths[vm.name] = std::chrono::minutes(minutes(random));
            if (fails(random)) fixture.cluster.task_error[vm.name] = "Disk read error";
        }
    };
    std::size_t const nights = 365;
    for (std::size_t night = 0; night < nights; ++night) {
        plan_night();
        fixture.run_until_clock(20h);
        fixture.cluster.task_error.clear();  // all failures end at eight in the evening
        fixture.run_until_clock(12h);
    }
    spdlog::set_level(level);

    EXPECT_GT(failures, vms * 10u / 3u);
    for (auto const& vm : fixture.cluster.vms) {
        EXPECT_LE(fixture.copies_of(vm.name), 2u) << vm.name;
        ASSERT_TRUE(last_good.contains(vm.name));
        EXPECT_LE(fixture.time.now() - last_good[vm.name], 24h) << vm.name << " was backed up in the last night too";
        // Every night, however late in the night: never more than the window's length over a day (25 h in autumn).
        EXPECT_LE(longest_gap_without_failure[vm.name], 25h + 13h) << vm.name;
    }
    // One backup for each VM and night, none twice.
    EXPECT_EQ(fixture.cluster.exports_started - failures, nights * vms);
}
