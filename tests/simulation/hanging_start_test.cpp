// What the start reads of LocalPath does not return: the tasks at the cluster are followed, and nothing else is done.
#include "tests/simulation/engine_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

struct HangingStart : ::testing::Test {
    EngineFixture fixture{1};
    std::optional<TaskGroup> group;
    std::optional<Result<void>> started;

    HangingStart() {
        fixture.cluster.add_vm("FILE01");
        fixture.cluster.add_vm("OTHER");
        fixture.cluster.length = 5min;
        running = fixture.backup("FILE01", "nightly");
        fixture.time.run_for(1min);
    }
    ~HangingStart() override { stop(); }

    void restart_for(Milliseconds length) {
        fixture.stop_engine();
        fixture.catalog.be_slow(fixture.time, 0ms);
        fixture.catalog.boot_takes = length;
        fixture.starts_the_engine = false;
        fixture.start_engine(1);
        group.emplace(fixture.io.get_executor(), [](std::exception_ptr) { ADD_FAILURE() << "the start threw"; });
        group->spawn(start());
        fixture.time.settle();
        EXPECT_TRUE(fixture.get(fixture.engine->follow_before_start()));
        EXPECT_FALSE(started);
    }
    task<void> start() { started = co_await fixture.engine->start(); }
    void stop() {
        if (!group) return;
        group->stop();
        fixture.time.settle();
        EXPECT_TRUE(group->empty());
    }
    JobId running = 0;
};

}  // namespace

TEST_F(HangingStart, TheEndOfARunningExportIsSeenAndTheExportBecomesABackupWhenTheStartHasEnded) {
    restart_for(1h);
    fixture.time.run_for(20min);
    EXPECT_EQ(fixture.job(running).phase, Phase::inspecting);
    EXPECT_EQ(fixture.journal.jobs[running].phase, Phase::inspecting) << "another restart must know it";
    EXPECT_TRUE(fixture.catalog.manifests.empty());
    fixture.time.run_for(1h);
    ASSERT_TRUE(started && *started);
    EXPECT_EQ(fixture.job(running).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST_F(HangingStart, AJobThatWaitsIsListedAndIsOrderedWhenTheStartHasEnded) {
    auto const waiting = fixture.backup("OTHER", "other");
    restart_for(1h);
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.engine->unfinished_jobs().size(), 2u);
    EXPECT_EQ(fixture.job(waiting).phase, Phase::queued);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    fixture.catalog.boot_takes = 0ms;  // the call that hangs goes on
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.job(waiting).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
}

TEST_F(HangingStart, AJobThatWaitsCanBeCancelledAndIsNotOrderedLater) {
    auto const waiting = fixture.backup("OTHER", "other");
    restart_for(1h);
    ASSERT_TRUE(fixture.get(fixture.engine->cancel(waiting)));
    fixture.time.run_for(1s);
    EXPECT_EQ(fixture.journal.jobs[waiting].outcome, Outcome::cancelled);
    EXPECT_EQ(fixture.engine->unfinished_jobs().size(), 1u);
    fixture.time.run_for(2h);
    EXPECT_EQ(fixture.job(waiting).outcome, Outcome::cancelled);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST_F(HangingStart, AnExportThatWasNotFlushedBeforeAPowerCutDoesNotBecomeABackup) {
    fixture.catalog.boot = "boot 2";
    restart_for(1h);
    fixture.time.run_for(2h);
    EXPECT_EQ(fixture.job(running).outcome, Outcome::failed);
    EXPECT_EQ(fixture.job(running).end, ExportEnd::unflushed);
    EXPECT_TRUE(fixture.catalog.manifests.empty());
}

TEST_F(HangingStart, AStopMeanwhileLosesNothing) {
    auto const waiting = fixture.backup("OTHER", "other");
    restart_for(1h);
    fixture.time.run_for(20min);
    stop();
    fixture.catalog.boot_takes = 0ms;
    fixture.stop_engine();
    fixture.starts_the_engine = true;
    fixture.start_engine(1);
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.job(running).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(waiting).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
}

TEST_F(HangingStart, NothingIsHeldIfTheStartHasEnded) {
    restart_for(1s);
    fixture.time.run_for(2s);
    ASSERT_TRUE(started && *started);
    EXPECT_TRUE(fixture.get(fixture.engine->follow_before_start()));
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.job(running).outcome, Outcome::succeeded);
}
