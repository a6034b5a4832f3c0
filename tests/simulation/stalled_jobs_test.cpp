// What does not move at the cluster: its end is waited for, and it stands in the way of nothing else.
#include "tests/simulation/engine_fixture.hpp"

#include <gmock/gmock.h>

#include <string>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;

namespace {

std::string subject(JobId id) { return "job " + std::to_string(id); }

/// One slot; the export of STUCK stays at 42 %.
struct Stalled : ::testing::Test {
    EngineFixture fixture{1};
    JobId stuck = 0;

    void SetUp() override {
        for (auto const* name : {"STUCK", "NEXT", "THIRD"}) fixture.cluster.add_vm(name);
        fixture.cluster.stuck_at["STUCK"] = 42;
        stuck = fixture.backup("STUCK", "stuck");
        fixture.time.run_for(1s);
    }
    void restart() {
        fixture.stop_engine();
        fixture.start_engine(1);
    }
    std::optional<Condition> condition_of(JobId id) {
        return fixture.condition(ConditionKind::task_stalled, subject(id));
    }
    std::size_t orders() const { return fixture.cluster.runs.size(); }
};

}  // namespace

TEST_F(Stalled, AnExportWithoutProgressLeavesItsSlotAndIsFollowedToItsEnd) {
    auto const next = fixture.backup("NEXT", "next");
    fixture.time.run_for(5h + 59min);
    EXPECT_FALSE(is_stalled(fixture.job(stuck)));
    EXPECT_EQ(fixture.job(next).phase, Phase::queued);
    fixture.time.run_for(2min);
    EXPECT_TRUE(is_stalled(fixture.job(stuck)));
    EXPECT_EQ(fixture.journal.jobs[stuck].error, fixture.job(stuck).error) << "a restart keeps it";
    ASSERT_TRUE(condition_of(stuck));
    EXPECT_THAT(condition_of(stuck)->reason, HasSubstr("at 42 %; it holds no slot"));
    fixture.time.run_for(5 * 24h);
    EXPECT_EQ(fixture.job(next).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(stuck).phase, Phase::following);
    fixture.cluster.stuck_at.clear();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(stuck).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(stuck).end, ExportEnd::seen);
    EXPECT_FALSE(fixture.job(stuck).error);
    EXPECT_FALSE(condition_of(stuck));
    EXPECT_EQ(orders(), 2u);
}

TEST_F(Stalled, AFailureOfTheTaskIsTheFailureOfTheJob) {
    fixture.time.run_for(7h);
    fixture.cluster.stuck_at.clear();
    fixture.cluster.runs.front().fails_with = "the node was restarted";
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(stuck).outcome, Outcome::failed);
    EXPECT_THAT(fixture.job(stuck).error->context, HasSubstr("the node was restarted"));
    EXPECT_FALSE(condition_of(stuck));
}

TEST_F(Stalled, ATaskThatMovesAgainTakesItsSlotBack) {
    fixture.time.run_for(7h);
    ASSERT_TRUE(is_stalled(fixture.job(stuck)));
    fixture.cluster.stuck_at["STUCK"] = 43;
    fixture.time.run_for(1min);
    EXPECT_FALSE(is_stalled(fixture.job(stuck)));
    EXPECT_FALSE(condition_of(stuck));
    auto const next = fixture.backup("NEXT", "next");
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.job(next).phase, Phase::queued);
    fixture.cluster.stuck_at.clear();
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.job(next).outcome, Outcome::succeeded);
}

TEST_F(Stalled, ARestartKeepsIt) {
    fixture.time.run_for(7h);
    auto const since = condition_of(stuck)->since;
    restart();
    fixture.time.run_for(1min);
    EXPECT_TRUE(is_stalled(fixture.job(stuck)));
    ASSERT_TRUE(condition_of(stuck));
    EXPECT_EQ(condition_of(stuck)->since, since);
    auto const next = fixture.backup("NEXT", "next");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(next).outcome, Outcome::succeeded);
    fixture.cluster.stuck_at.clear();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(stuck).outcome, Outcome::succeeded);
    EXPECT_EQ(orders(), 2u);
}

TEST_F(Stalled, ARestartForgetsNeitherThatOneKeepsItsSlotNorSinceWhen) {
    fixture.cluster.stuck_at["NEXT"] = 7;
    auto const next = fixture.backup("NEXT", "next");
    fixture.time.run_for(13h);
    ASSERT_TRUE(condition_of(next));
    auto const before = *condition_of(next);
    restart();
    fixture.time.run_for(1min);
    ASSERT_TRUE(condition_of(next)) << "it still holds up the others";
    fixture.time.run_for(7h);
    ASSERT_TRUE(condition_of(next));
    EXPECT_EQ(condition_of(next)->since, before.since);
    EXPECT_EQ(condition_of(next)->reason, before.reason) << "not since the restart";
    fixture.cluster.stuck_at.erase("NEXT");
    fixture.time.run_for(2min);
    EXPECT_FALSE(condition_of(next));
    EXPECT_EQ(fixture.job(next).outcome, Outcome::succeeded);
}

TEST_F(Stalled, AConditionWhoseJobIsGoneWithTheJournalIsCleared) {
    fixture.time.run_for(7h);
    fixture.stop_engine();
    fixture.journal.jobs.clear();
    fixture.start_engine(1);
    EXPECT_FALSE(condition_of(stuck));
}

TEST_F(Stalled, AtMostAsManyAsThereAreSlotsLeaveTheirsAndARestoreDoesNotWaitForTheOthers) {
    fixture.cluster.stuck_at["NEXT"] = 7;
    auto const next = fixture.backup("NEXT", "next");
    auto const third = fixture.backup("THIRD", "third");
    fixture.time.run_for(13h);
    EXPECT_TRUE(is_stalled(fixture.job(stuck)));
    EXPECT_FALSE(is_stalled(fixture.job(next))) << "it keeps its slot";
    ASSERT_TRUE(condition_of(next));
    EXPECT_THAT(condition_of(next)->reason, HasSubstr("it keeps its slot"));
    EXPECT_EQ(fixture.job(third).phase, Phase::queued);

    fixture.catalog.folders.insert("old");
    fixture.catalog.manifests["old"].backup = "old";
    auto const restore = fixture.get(fixture.engine->submit_restore("old", "NEW"));
    ASSERT_TRUE(restore) << restore.error().context;
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(restore->id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(third).phase, Phase::queued);

    fixture.cluster.stuck_at.erase("STUCK");
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.job(stuck).outcome, Outcome::succeeded);
    EXPECT_TRUE(is_stalled(fixture.job(next))) << "now it leaves its slot";
    EXPECT_EQ(fixture.job(third).outcome, Outcome::succeeded);
}

TEST_F(Stalled, ItsBytesStayReserved) {
    auto const claimed = [&] { return fixture.engine->storage_space(fixture.catalog.room).claimed_bytes; };
    auto const before = claimed();
    EXPECT_GT(before, 0u);
    fixture.time.run_for(7h);
    EXPECT_EQ(claimed(), before);
    fixture.cluster.stuck_at.clear();
    fixture.time.run_for(1min);
    EXPECT_EQ(claimed(), 0u);
}

TEST_F(Stalled, AnImportLeavesItsSlotToo) {
    fixture.cluster.stuck_at = {{"NEW", 3}};
    fixture.time.run_for(1min);
    auto const restore = fixture.get(fixture.engine->submit_restore("stuck", "NEW"));
    ASSERT_TRUE(restore) << restore.error().context;
    fixture.time.run_for(7h);
    EXPECT_TRUE(is_stalled(fixture.job(restore->id)));
    auto const next = fixture.backup("NEXT", "next");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(next).outcome, Outcome::succeeded);
    fixture.cluster.stuck_at.clear();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(restore->id).outcome, Outcome::succeeded);
}

TEST_F(Stalled, ATaskThatIsNoLongerKnownIsResolved) {
    fixture.time.run_for(7h);
    fixture.cluster.knows_tags = fixture.cluster.lists_tasks = fixture.cluster.vms_know_tasks = false;
    fixture.catalog.folders.clear();
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.job(stuck).outcome, Outcome::lost);
    EXPECT_FALSE(condition_of(stuck));
    auto const next = fixture.backup("NEXT", "next");
    fixture.time.run_for(5min);
    EXPECT_NE(fixture.job(next).phase, Phase::queued) << "its slot is free";
}

namespace {

/// Three slots; the cluster does not start the export of WAITING.
struct NotStarted : ::testing::Test {
    EngineFixture fixture;
    JobId waiting = 0;

    void SetUp() override {
        for (auto const* name : {"WAITING", "NEXT", "THIRD"}) fixture.cluster.add_vm(name);
        fixture.cluster.stays_queued.insert("WAITING");
    }
    void order() {
        waiting = fixture.backup("WAITING", "waiting");
        fixture.time.run_for(2s);
    }
    /// A job in its PreBackup hook, while another one is ordered.
    JobId submit_and_order_during_its_hook() {
        fixture.hooks.set = {HookKind::pre_backup};
        fixture.hooks.length = 1min;
        auto const next = fixture.backup("NEXT", "next");
        fixture.time.run_for(1s);
        fixture.hooks.set.clear();
        order();
        return next;
    }
    std::optional<Condition> condition() { return fixture.condition(ConditionKind::exports_not_started); }
};

}  // namespace

TEST_F(NotStarted, NoFurtherExportIsOrderedUntilItStarts) {
    order();
    auto const next = fixture.backup("NEXT", "next");
    fixture.time.run_for(9min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    EXPECT_FALSE(condition());
    EXPECT_EQ(fixture.engine->why_no_exports(), "");
    fixture.time.run_for(2min);
    ASSERT_TRUE(condition());
    EXPECT_THAT(condition()->reason, HasSubstr("task 1001"));
    EXPECT_THAT(fixture.engine->why_no_exports(), HasSubstr("QUEUED"));
    fixture.time.run_for(3 * 24h);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    EXPECT_EQ(fixture.job(next).phase, Phase::queued);
    fixture.cluster.stays_queued.clear();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(waiting).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(next).outcome, Outcome::succeeded);
    EXPECT_FALSE(condition());
}

TEST_F(NotStarted, ARestoreDoesNotWaitForIt) {
    fixture.backup("NEXT", "next");
    fixture.time.run_for(1min);
    for (auto const* name : {"THIRD", "FOURTH", "FIFTH"}) {
        if (name != std::string("THIRD")) fixture.cluster.add_vm(name);
        fixture.cluster.stays_queued.insert(name);
        fixture.backup(name, name);
    }
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.cluster.runs.size(), 4u) << "all slots are taken by exports that are not started";
    auto const restore = fixture.get(fixture.engine->submit_restore("next", "NEW"));
    ASSERT_TRUE(restore) << restore.error().context;
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(restore->id).outcome, Outcome::succeeded);
}

TEST_F(NotStarted, BehindAnExportThatRunsItIsNoCondition) {
    fixture.cluster.lengths["NEXT"] = 1h;
    fixture.backup("NEXT", "next");
    fixture.time.run_for(1s);
    order();
    fixture.time.run_for(59min);
    EXPECT_FALSE(condition());
    fixture.time.run_for(12min);
    EXPECT_TRUE(condition());
}

TEST_F(NotStarted, ARestartForgetsNeitherTheConditionNorTheExport) {
    order();
    fixture.time.run_for(11min);
    auto const since = condition()->since;
    fixture.stop_engine();
    fixture.start_engine();
    ASSERT_TRUE(condition());
    EXPECT_EQ(condition()->since, since);
    fixture.cluster.stays_queued.clear();
    fixture.time.run_for(1min);
    EXPECT_FALSE(condition());
}

TEST_F(NotStarted, AfterARestartNoExportIsOrderedBeforeTheClusterWasAsked) {
    order();
    auto const next = fixture.backup("NEXT", "next");
    fixture.time.run_for(1s);
    ASSERT_EQ(fixture.job(next).phase, Phase::queued);
    fixture.stop_engine();
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    EXPECT_EQ(fixture.job(next).phase, Phase::queued);
    fixture.cluster.stays_queued.clear();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(next).outcome, Outcome::succeeded);
}

TEST_F(NotStarted, AClusterThatDoesNotAnswerAfterARestartHoldsNothingBack) {
    fixture.cluster.stays_queued.clear();
    fixture.cluster.length = 1h;
    order();
    fixture.stop_engine();
    auto const silent = [](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
        if (run.vm_name != "WAITING") return std::nullopt;
        return Result<TaskReport>(Error{Errc::timed_out, "no answer"});
    };
    fixture.cluster.instead_of_report = silent;
    fixture.start_engine();
    fixture.backup("NEXT", "next");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
}

TEST_F(NotStarted, AJobWhoseHookEndsMeanwhileWaitsBeforeItsOrderAndThenFails) {
    auto const next = submit_and_order_during_its_hook();
    fixture.time.run_for(8min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    EXPECT_NE(fixture.job(next).phase, Phase::finished);
    fixture.time.run_for(5min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    EXPECT_EQ(fixture.job(next).outcome, Outcome::failed);
    EXPECT_EQ(fixture.job(next).error->code, Errc::unavailable);
}

TEST_F(NotStarted, AJobThatIsCancelledBeforeItsOrderOrdersNothing) {
    auto const next = submit_and_order_during_its_hook();
    fixture.time.run_for(2min);
    ASSERT_TRUE(fixture.get(fixture.engine->cancel(next)));
    EXPECT_EQ(fixture.journal.jobs[next].phase, Phase::preparing) << "after a kill it would not be searched";
    EXPECT_TRUE(fixture.journal.jobs[next].cancel_requested);
    fixture.cluster.stays_queued.clear();
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.job(next).outcome, Outcome::cancelled);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(NotStartedByALostJob, RestoresPassTheExportsThatWaitToBeOrdered) {
    EngineFixture fixture{1};
    for (auto const* name : {"LOST", "NEXT"}) fixture.cluster.add_vm(name);
    fixture.cluster.never_initialized.insert("LOST");
    auto const lost = fixture.backup("LOST", "lost");
    fixture.time.run_for(11min);
    ASSERT_EQ(fixture.job(lost).outcome, Outcome::lost);
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 3min;
    auto const next = fixture.backup("NEXT", "next");
    fixture.time.run_for(1s);
    fixture.cluster.never_initialized.clear();
    fixture.cluster.stays_queued.insert("LOST");
    fixture.time.run_for(4min);
    ASSERT_EQ(fixture.job(next).phase, Phase::posting) << "it waits with its slot";
    ASSERT_EQ(fixture.cluster.runs.size(), 1u);

    fixture.catalog.folders.insert("old");
    fixture.catalog.manifests["old"].backup = "old";
    auto const restore = fixture.get(fixture.engine->submit_restore("old", "NEW"));
    ASSERT_TRUE(restore) << restore.error().context;
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(restore->id).outcome, Outcome::succeeded);
    fixture.cluster.stays_queued.clear();
    fixture.time.run_for(3min);
    EXPECT_EQ(fixture.job(next).outcome, Outcome::succeeded);
}
