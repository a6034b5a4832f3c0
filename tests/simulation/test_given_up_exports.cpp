// An export that the daemon has given up may go on at the cluster: the schedule must not put another one beside it.
#include "tests/simulation/schedule_bench.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

/// FILE01's first export stands still at 42 % until it is told to end.
struct StandsStill : ::testing::Test {
    ScheduleBench bench;
    bool first_ended = false;

    StandsStill() {
        bench.cluster.add_vm("FILE01");
        bench.cluster.vms_know_tasks = false;
        bench.cluster.instead_of_report = [this](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
            if (run.tag != bench.cluster.runs.front().tag) return std::nullopt;
            auto report = bench.cluster.report_of(run);
            report.state = first_ended ? TaskState::complete : TaskState::running;
            report.percent = 42;
            return Result<TaskReport>{report};
        };
    }
    Job newest() const { return bench.journal.jobs.rbegin()->second; }
};

}  // namespace

TEST_F(StandsStill, TheSameVmIsNotExportedAgainBesideIt) {
    bench.start();
    bench.run_until_clock(1h);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
    EXPECT_EQ(bench.journal.jobs.begin()->second.outcome, Outcome::lost);
    ASSERT_TRUE(newest().error);
    EXPECT_EQ(newest().error->code, Errc::refused);
    EXPECT_NE(newest().error->context.find("task 1001"), std::string::npos) << newest().error->context;
    EXPECT_GE(bench.journal.jobs.size(), 3u) << "tried again by itself, and said each time";
}

TEST_F(StandsStill, ItsEndLetsTheScheduleGoOn) {
    bench.start();
    bench.run_until_clock(1h);
    first_ended = true;
    bench.run_until_clock(3h);
    EXPECT_EQ(bench.cluster.runs.size(), 2u);
    EXPECT_EQ(bench.copies_of("FILE01"), 1u);
}

TEST_F(StandsStill, ADaemonThatWasStartedAgainStillKnowsOfIt) {
    bench.start();
    bench.run_until_clock(23h + 2min);
    ASSERT_EQ(bench.journal.jobs.size(), 1u);
    bench.stop();
    bench.start();
    bench.run_until_clock(1h);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST_F(StandsStill, AClusterThatDoesNotTellOfItIsAskedAgainLater) {
    bench.start();
    bench.run_until_clock(23h + 2min);
    auto const told = bench.cluster.instead_of_report;
    bench.cluster.instead_of_report = [](FakeCluster::Run const&) -> std::optional<Result<TaskReport>> {
        return Result<TaskReport>{Error{Errc::unavailable, "503"}};
    };
    bench.run_until_clock(1h);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST_F(StandsStill, AnAdministratorWhoOrdersABackupByHandGetsOne) {
    bench.start();
    bench.run_until_clock(1h);
    auto const by_hand = bench.backup("FILE01", "by hand");
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(by_hand).outcome, Outcome::succeeded) << "a dead task must not forbid backups for ever";
    bench.time.run_for(2h);
    EXPECT_EQ(bench.copies_of("FILE01"), 2u) << "and the schedule goes on";
}

TEST(GivenUpExports, AnExportOfItThatOnlyTheVmTellsOfIsWaitedForAsWell) {
    ScheduleBench bench;
    bench.cluster.add_vm("FILE01");
    FakeCluster::Run foreign;
    foreign.tag = TaskTag{"900"};
    foreign.vm = bench.cluster.vms.front().uuid;
    foreign.vm_name = "FILE01";
    foreign.asked = bench.time.steady_now();
    foreign.length = 6h;  // from noon
    bench.cluster.runs.push_back(foreign);
    bench.start();
    bench.run_until_clock(17h + 30min);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
    bench.run_until_clock(20h);
    EXPECT_EQ(bench.cluster.runs.size(), 2u);
    EXPECT_EQ(bench.copies_of("FILE01"), 1u);
}

TEST(GivenUpExports, TwoBackupsThatSomebodyOrdersOfOneVmGoTogether) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.backup("FILE01", "one");
    bench.time.run_for(4s);
    bench.backup("FILE01", "two");
    bench.time.run_for(1min);
    EXPECT_EQ(bench.catalog.manifests.size(), 2u);
}
