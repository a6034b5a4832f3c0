// An export that does not end may still be running at the cluster: the schedule must not start a second one.
#include "tests/simulation/schedule_fixture.hpp"

#include <algorithm>
#include <optional>

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

std::optional<Result<TaskReport>> absent(FakeCluster::Run const& run) {
    TaskReport unknown;
    unknown.tag = run.tag;
    return Result<TaskReport>{unknown};
}

/// FILE01's first export is stuck until the test ends it.
struct FirstExport : ::testing::Test {
    ScheduleFixture fixture;
    TaskState state = TaskState::running;

    FirstExport() {
        fixture.cluster.add_vm("FILE01");
        fixture.cluster.vms_know_tasks = false;
        show_state();
    }
    void show_state() {
        fixture.cluster.instead_of_report = [this](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
            if (run.tag != fixture.cluster.runs.front().tag) return std::nullopt;
            auto report = fixture.cluster.report_of(run);
            report.state = state;
            report.percent = 42;
            return Result<TaskReport>{report};
        };
    }
    Job first() { return fixture.job(fixture.journal.jobs.begin()->first); }
    Job newest() const { return fixture.journal.jobs.rbegin()->second; }
    std::size_t orders() const { return fixture.cluster.runs.size(); }
};

/// It makes no progress.
using StalledExport = FirstExport;

/// It is never initialized, so its job is lost after ten minutes.
struct LostExport : FirstExport {
    LostExport() { state = TaskState::uninitialized; }
};

}  // namespace

TEST_F(StalledExport, NoSecondExportOfTheSameVmStarts) {
    fixture.start();
    fixture.run_until_clock(1h);
    EXPECT_TRUE(is_stalled(first()));
    fixture.run_until_clock(2h);
    fixture.run_until_clock(1h);
    EXPECT_EQ(orders(), 1u);
    EXPECT_EQ(fixture.journal.jobs.size(), 1u);
}

TEST_F(StalledExport, WhenItEndsItIsTheBackup) {
    fixture.start();
    fixture.run_until_clock(1h);
    state = TaskState::complete;
    fixture.run_until_clock(3h);
    EXPECT_EQ(orders(), 1u);
    EXPECT_EQ(fixture.copies_of("FILE01"), 1u);
    fixture.run_until_clock(18h);
    EXPECT_EQ(orders(), 2u) << "the schedule continues";
}

TEST_F(StalledExport, AManualBackupStartsAnywayAndWhenItHasSucceededTheScheduleContinues) {
    fixture.start();
    fixture.run_until_clock(1h);
    ASSERT_TRUE(is_stalled(first()));
    auto const by_hand = fixture.backup("FILE01", "by hand");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(by_hand).outcome, Outcome::succeeded) << "a dead task must not forbid backups";
    EXPECT_TRUE(fixture.engine->is_superseded(first().id));
    fixture.stop();
    fixture.start();
    EXPECT_TRUE(fixture.engine->is_superseded(first().id)) << "a restart does not forget it";
    fixture.time.run_for(2h);
    EXPECT_EQ(fixture.copies_of("FILE01"), 2u);
    EXPECT_TRUE(is_stalled(first())) << "its end is still waited for";
}

TEST_F(LostExport, NoSecondExportOfTheSameVmStarts) {
    fixture.start();
    fixture.run_until_clock(1h);
    EXPECT_EQ(orders(), 1u);
    EXPECT_EQ(first().outcome, Outcome::lost);
    ASSERT_TRUE(newest().error);
    EXPECT_EQ(newest().error->code, Errc::refused);
    EXPECT_NE(newest().error->context.find("task 1001"), std::string::npos) << newest().error->context;
    EXPECT_GE(fixture.journal.jobs.size(), 3u) << "retried automatically and reported each time";
}

TEST_F(LostExport, WhenItEndsTheScheduleContinues) {
    fixture.start();
    fixture.run_until_clock(1h);
    state = TaskState::complete;
    fixture.run_until_clock(3h);
    EXPECT_EQ(orders(), 2u);
    EXPECT_EQ(fixture.copies_of("FILE01"), 1u);
}

TEST_F(LostExport, ARestartedDaemonStillKnowsIt) {
    fixture.start();
    fixture.run_until_clock(17h + 12min);
    ASSERT_EQ(first().outcome, Outcome::lost);
    fixture.stop();
    fixture.start();
    fixture.run_until_clock(1h);
    EXPECT_EQ(orders(), 1u);
}

TEST_F(LostExport, AClusterThatDoesNotAnswerIsAskedAgainLater) {
    fixture.start();
    fixture.run_until_clock(17h + 12min);
    fixture.cluster.instead_of_report = [](FakeCluster::Run const&) -> std::optional<Result<TaskReport>> {
        return Result<TaskReport>{Error{Errc::unavailable, "503"}};
    };
    fixture.run_until_clock(1h);
    EXPECT_EQ(orders(), 1u);
}

TEST_F(LostExport, AManualBackupStartsAnyway) {
    fixture.start();
    fixture.run_until_clock(1h);
    auto const by_hand = fixture.backup("FILE01", "by hand");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(by_hand).outcome, Outcome::succeeded) << "a dead task must not forbid backups";
    fixture.time.run_for(2h);
    EXPECT_EQ(fixture.copies_of("FILE01"), 2u) << "and the schedule goes on";
}

TEST_F(LostExport, ASuccessOfAnExportThatWasOrderedBeforeDoesNotEndIt) {
    fixture.start();
    fixture.run_until_clock(17h + 5min);
    fixture.cluster.length = 20min;
    auto const by_hand = fixture.backup("FILE01", "by hand");
    fixture.time.run_for(1h);
    ASSERT_EQ(first().outcome, Outcome::lost);
    ASSERT_EQ(fixture.job(by_hand).outcome, Outcome::succeeded);
    fixture.run_until_clock(1h);
    EXPECT_EQ(orders(), 2u);
}

TEST_F(LostExport, OneAnswerThatItsTaskIsUnknownIsNotItsEnd) {
    fixture.start();
    fixture.run_until_clock(17h + 12min);
    fixture.cluster.instead_of_report = absent;
    fixture.time.run_for(90s);
    show_state();
    fixture.run_until_clock(1h);
    EXPECT_EQ(orders(), 1u);
}

TEST_F(LostExport, ATaskThatStaysUnknownHasEndedWhenNothingIsWrittenAnyLonger) {
    fixture.start();
    fixture.run_until_clock(17h + 12min);
    auto const folder = fixture.cluster.runs.front().folder;
    auto const grows_until = fixture.time.steady_now() + 5h;
    fixture.catalog.grown = [&, folder, grows_until](std::string const& of) {
        auto const now = std::min(fixture.time.steady_now(), grows_until);
        return of == folder ? static_cast<std::uint64_t>(now.time_since_epoch().count()) : std::uint64_t{1};
    };
    fixture.cluster.instead_of_report = [this](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
        if (run.tag != fixture.cluster.runs.front().tag) return std::nullopt;
        return absent(run);
    };
    fixture.run_until_clock(22h);
    EXPECT_EQ(orders(), 1u) << "something still writes into its folder";
    fixture.run_until_clock(2h);
    EXPECT_EQ(orders(), 2u);
}

TEST_F(LostExport, ItsBytesStayReservedUntilItsEndIsKnown) {
    auto const claimed = [&] { return fixture.engine->storage_space(fixture.catalog.room).claimed_bytes; };
    fixture.backup("FILE01", "nightly");
    fixture.time.run_for(20min);
    ASSERT_EQ(first().outcome, Outcome::lost);
    EXPECT_GT(claimed(), 0u);
    fixture.stop_engine();
    fixture.start_engine();
    EXPECT_GT(claimed(), 0u);
    state = TaskState::error;
    fixture.time.run_for(2min);
    EXPECT_EQ(claimed(), 0u);
}

TEST(AbandonedExports, AnExportKnownOnlyFromTheVmsLastTaskIsWaitedFor) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("FILE01");
    FakeCluster::Run foreign;
    foreign.tag = TaskTag{"900"};
    foreign.vm = fixture.cluster.vms.front().uuid;
    foreign.vm_name = "FILE01";
    foreign.asked = fixture.time.steady_now();
    foreign.length = 6h;  // from noon
    fixture.cluster.runs.push_back(foreign);
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    fixture.run_until_clock(20h);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
    EXPECT_EQ(fixture.copies_of("FILE01"), 1u);
}

TEST(AbandonedExports, TwoManualBackupsOfOneVmRunTogether) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.backup("FILE01", "one");
    fixture.time.run_for(4s);
    fixture.backup("FILE01", "two");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.catalog.manifests.size(), 2u);
}
