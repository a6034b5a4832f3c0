// An abandoned export may still be running at the cluster: the schedule must not start a second one.
#include "tests/simulation/schedule_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

/// FILE01's first export is stuck at 42 % until the test ends it.
struct StuckExport : ::testing::Test {
    ScheduleFixture fixture;
    bool first_ended = false;

    StuckExport() {
        fixture.cluster.add_vm("FILE01");
        fixture.cluster.vms_know_tasks = false;
        fixture.cluster.instead_of_report = [this](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
            if (run.tag != fixture.cluster.runs.front().tag) return std::nullopt;
            auto report = fixture.cluster.report_of(run);
            report.state = first_ended ? TaskState::complete : TaskState::running;
            report.percent = 42;
            return Result<TaskReport>{report};
        };
    }
    Job newest() const { return fixture.journal.jobs.rbegin()->second; }
};

}  // namespace

TEST_F(StuckExport, NoSecondExportOfTheSameVmStarts) {
    fixture.start();
    fixture.run_until_clock(1h);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    EXPECT_EQ(fixture.journal.jobs.begin()->second.outcome, Outcome::lost);
    ASSERT_TRUE(newest().error);
    EXPECT_EQ(newest().error->code, Errc::refused);
    EXPECT_NE(newest().error->context.find("task 1001"), std::string::npos) << newest().error->context;
    EXPECT_GE(fixture.journal.jobs.size(), 3u) << "retried automatically and reported each time";
}

TEST_F(StuckExport, WhenItEndsTheScheduleContinues) {
    fixture.start();
    fixture.run_until_clock(1h);
    first_ended = true;
    fixture.run_until_clock(3h);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
    EXPECT_EQ(fixture.copies_of("FILE01"), 1u);
}

TEST_F(StuckExport, ARestartedDaemonStillKnowsIt) {
    fixture.start();
    fixture.run_until_clock(23h + 2min);
    ASSERT_EQ(fixture.journal.jobs.size(), 1u);
    fixture.stop();
    fixture.start();
    fixture.run_until_clock(1h);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST_F(StuckExport, AClusterThatDoesNotAnswerIsAskedAgainLater) {
    fixture.start();
    fixture.run_until_clock(23h + 2min);
    auto const report = fixture.cluster.instead_of_report;
    fixture.cluster.instead_of_report = [](FakeCluster::Run const&) -> std::optional<Result<TaskReport>> {
        return Result<TaskReport>{Error{Errc::unavailable, "503"}};
    };
    fixture.run_until_clock(1h);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST_F(StuckExport, AManualBackupStartsAnyway) {
    fixture.start();
    fixture.run_until_clock(1h);
    auto const by_hand = fixture.backup("FILE01", "by hand");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(by_hand).outcome, Outcome::succeeded) << "a dead task must not forbid backups for ever";
    fixture.time.run_for(2h);
    EXPECT_EQ(fixture.copies_of("FILE01"), 2u) << "and the schedule goes on";
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
