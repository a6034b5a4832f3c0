// The daemon with a fake clock (libfaketime): windows that open by a jump, clocks that were set back, nights when
// clocks change. Only the wall clock is fake; durations are real.

#include "tests/e2e/schedule_fixture.hpp"
#include "tests/support/sanitized.hpp"

namespace sb::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string library() {
    for (auto const* folder :
         {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/local/lib"}) {
        auto const place = std::string(folder) + "/faketime/libfaketimeMT.so.1";
        if (std::filesystem::exists(place)) return place;
    }
    return {};
}

#define SB_NEEDS_FALSE_CLOCK()                                              \
    if (library().empty() || sanitized)                                     \
    GTEST_SKIP() << "needs libfaketime, which must not be loaded before a " \
                    "sanitizer"

using Environment = std::vector<std::pair<std::string, std::string>>;
Environment false_clock(Environment more) {
    more.insert(more.end(), {{"LD_PRELOAD", library()}, {"DONT_FAKE_MONOTONIC", "1"}, {"FAKETIME_NO_CACHE", "1"}});
    return more;
}

/// A clock that tests can change while the daemon runs: "+0", "-2d".
struct TurnedClock {
    TempDir dir;
    std::filesystem::path file = dir / "clock";

    TurnedClock() { set("+0"); }
    void set(std::string const& offset) const { write_file(file, offset + "\n"); }
    Environment environment() const { return false_clock({{"FAKETIME_TIMESTAMP_FILE", file.string()}}); }
};

TEST(FalseClock, AWindowThatOpensByAJumpOfTheClockIsUsedWithinSeconds) {
    SB_NEEDS_FALSE_CLOCK();
    TurnedClock const clock;
    ScheduleFixture fixture(
        {.vms = {"A"}, .schedule = window_text(120min, 300min), .environment = clock.environment()});
    EXPECT_EQ(fixture.daemon.ctl_json({"status"}).root()["window"]["open"].boolean(), false);
    clock.set("+150m");
    auto const begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(fixture.wait_for_exports(1)) << fixture.daemon.log();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
    EXPECT_EQ(fixture.ended_run().root()["succeeded"].integer(), 1);
}

TEST(FalseClock, NothingIsDeletedWhileTheClockIsBehindTheRecordedTimeAfterARestart) {
    SB_NEEDS_FALSE_CLOCK();
    TurnedClock const clock;
    ScheduleFixture fixture({.vms = {"A"}, .environment = clock.environment()});
    fixture.ended_run();
    auto const fresh = fixture.only_backup_of("A");
    using Clock = ScheduleFixture::Clock;
    // Adopted: no deletion relies on what was only checked.
    auto const newer = fixture.copy_backup(fresh, Clock::now() - 24h * 5);
    auto const older = fixture.copy_backup(fresh, Clock::now() - 24h * 40);
    fixture.daemon.stop();
    std::filesystem::remove_all(fixture.share / fresh);
    fixture.daemon.settings.more = "[Schedule]\n" + window_text(120min, 240min) + "MaxAge = '30 days'\n";

    clock.set("-2d");
    fixture.daemon.start();
    auto const verdicts = fixture.ask("backups.retention");
    for (auto const& one : verdicts.root()["backups"].elements()) EXPECT_EQ(one["keep"].boolean(), true) << one.dump();
    EXPECT_THAT(verdicts.root().dump(), HasSubstr("clock"));
    EXPECT_THAT(fixture.daemon.ctl({"prune", "--yes"}), EndedWith(4, "the clock may be wrong"));
    EXPECT_TRUE(std::filesystem::exists(fixture.share / older));

    clock.set("+0");  // the clock is corrected, and retention applies again
    EXPECT_EQ(fixture.ask("backups.prune", R"({"confirmed":true})").root()["deleted"].at(0).text(), older);
    EXPECT_TRUE(std::filesystem::exists(fixture.share / newer));
}

/// A machine whose clock once shows a time five years ahead, with two copies that are then older than MaxAge.
TEST(FalseClock, AClockThatOnceShowsATimeYearsAheadDeletesNothing) {
    SB_NEEDS_FALSE_CLOCK();
    TurnedClock const clock;
    ScheduleFixture fixture({.vms = {"A"}, .environment = clock.environment()});
    fixture.ended_run();
    auto const fresh = fixture.only_backup_of("A");
    fixture.daemon.stop();
    using Clock = ScheduleFixture::Clock;
    auto const newer = fixture.copy_backup(fresh, Clock::now() - 24h * 5);
    auto const old = fixture.copy_backup(fresh, Clock::now() - 24h * 9);
    fixture.daemon.settings.more = "[Schedule]\n" + window_text(120min, 240min) + "MaxAge = '30 days'\n";
    fixture.daemon.start();
    auto const doubt = [&] {
        auto const status = fixture.ask("status");
        for (auto const& condition : status.root()["conditions"].elements())
            if (condition["kind"].text() == "clock_in_doubt") return condition["reason"].text();
        return std::string();
    };
    auto const all_stay = [&] {
        EXPECT_THAT(fixture.daemon.ctl({"prune", "--yes"}), EndedWith(4, "scale-backupctl clock accept"));
        for (auto const& name : {fresh, newer, old}) EXPECT_TRUE(std::filesystem::exists(fixture.share / name)) << name;
    };

    clock.set("+1825d");
    all_stay();
    EXPECT_THAT(doubt(), HasSubstr("the clock jumped ahead by"));
    fixture.daemon.kill();
    fixture.daemon.start();
    all_stay();
    EXPECT_THAT(doubt(), HasSubstr("the cluster's clock is"));

    clock.set("+0");
    EXPECT_EQ(fixture.daemon.ctl({"prune", "--yes"}).code, 0);
    EXPECT_EQ(doubt(), "");
    for (auto const& name : {fresh, newer, old}) EXPECT_TRUE(std::filesystem::exists(fixture.share / name)) << name;
}

TEST(FalseClock, TheAdministratorAcceptsAClockThatTheClustersClockContradicts) {
    SB_NEEDS_FALSE_CLOCK();
    TurnedClock const clock;
    ScheduleFixture fixture(
        {.vms = {"A"}, .schedule = window_text(600min, 660min), .environment = clock.environment()});
    EXPECT_EQ(fixture.daemon.ctl({"prune"}).code, 0);  // it has read the clock now, so it sees the jump
    clock.set("+2h");
    EXPECT_THAT(fixture.daemon.ctl({"prune"}), EndedWith(4, "the clock may be wrong"));
    EXPECT_THAT(fixture.daemon.ctl({"clock", "accept"}), EndedWith(0, "The clock is accepted; it shows "));
    EXPECT_EQ(fixture.daemon.ctl({"prune"}).code, 0);
    EXPECT_THAT(fixture.ask("status").root()["clock"].text(), HasSubstr("behind this machine's"));
    fixture.daemon.stop();
    fixture.daemon.start();
    EXPECT_EQ(fixture.daemon.ctl({"prune"}).code, 0) << "it is remembered";
}

TEST(FalseClock, AFailedVmIsRetriedInTheSameWindow) {
    SB_NEEDS_FALSE_CLOCK();
    TurnedClock const clock;
    ScheduleFixture fixture({.vms = {"BAD", "GOOD"},
                             .schedule = window_text(-60min, 60min),
                             .environment = clock.environment(),
                             .faults = failing_export("BAD", "Disk read error", R"("count":1)")});
    ASSERT_TRUE(wait_until([&] {
        auto const jobs = fixture.ask("jobs.list").root().dump();
        return jobs.find("Disk read error") != std::string::npos && jobs.find("succeeded") != std::string::npos;
    }));
    EXPECT_EQ(fixture.exports(), 2U) << "not before its back-off is over";
    EXPECT_THAT(fixture.daemon.ctl({"why", "BAD"}), EndedWith(0, "Disk read error"));
    fixture.simulator.request("POST", "/sim/clock", R"({"seconds":360})");  // else the clock would be in doubt
    clock.set("+6m");
    ASSERT_TRUE(fixture.wait_for_exports(3));
    auto const run = fixture.ended_run();
    EXPECT_EQ(run.root()["succeeded"].integer(), 2) << run.root().dump();
    EXPECT_EQ(run.root()["failed"].integer(), 0);
    EXPECT_EQ(run.root()["problems"].size(), 0U) << "it was backed up in the end";
}

TEST(FalseClock, AWindowWhoseOpeningTimeIsSkippedOpensAfterTheJump) {
    SB_NEEDS_FALSE_CLOCK();
    if (!std::filesystem::exists("/usr/share/zoneinfo/Europe/Berlin")) GTEST_SKIP() << "needs the time zone database";
    // At 2:00 the clocks of Berlin show 3:00.
    ScheduleFixture fixture(
        {.vms = {"A"},
         .schedule = "StartTime = '2:30'\nEndTime = '5:00'\nBackupInterval = '1 day'\nMaxBackups = 3\n",
         .environment = false_clock({{"TZ", "Europe/Berlin"}, {"FAKETIME", "@2026-03-29 01:59:55"}})});
    auto const status =
        fixture.ask("status");  // requested directly, because scale-backupctl would show it in its own time zone
    EXPECT_EQ(status.root()["window"]["opens"].text(), "2026-03-29T03:00:00+02:00") << status.root().dump();
    EXPECT_EQ(fixture.ended_run().root()["succeeded"].integer(), 1);
    EXPECT_THAT(fixture.only_backup_of("A"), ::testing::StartsWith("2026-03-29_03-00-"));
}

}  // namespace
}  // namespace sb::test
