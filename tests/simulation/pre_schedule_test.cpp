// The PreSchedule hook holds its run's exports, and nothing else; it is stopped when it is no longer needed.
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

struct PreSchedule : ::testing::Test {
    ScheduleFixture fixture;

    std::ptrdiff_t hooks_of(std::string const& kind) const {
        return std::ranges::count_if(fixture.hooks.runs, [&](std::string const& run) { return run.starts_with(kind); });
    }
};

}  // namespace

TEST_F(PreSchedule, WhilePreScheduleRunsNoVmIsSaidToStartNow) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::pre_schedule};
    fixture.hooks.length = 2h;
    fixture.start();
    fixture.run_until_clock(18h);
    auto const gathered = fixture.get(fixture.scheduler->gather());
    ASSERT_TRUE(gathered);
    auto const& snapshot = gathered->snapshot;
    auto const plan = core::plan(snapshot.facts, gathered->settings, snapshot.in_progress, fixture.zone);
    EXPECT_THAT(plan.start, IsEmpty());
    ASSERT_THAT(plan.skipped, SizeIs(1));
    EXPECT_THAT(plan.skipped.front().detail, HasSubstr("PreSchedule"));
    fixture.run_until_clock(19h + 1min);
    EXPECT_THAT(fixture.cluster.runs, SizeIs(1)) << "the hook itself has held nothing else";
}

TEST_F(PreSchedule, AReloadThatRemovesPreScheduleEndsTheWaitForIt) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::pre_schedule};
    fixture.hooks.length = 3h;
    fixture.start();
    fixture.run_until_clock(18h);
    fixture.scheduler->configured();
    fixture.time.run_for(1min);
    EXPECT_THAT(fixture.cluster.runs, IsEmpty()) << "a reload that leaves it as it is changes nothing";
    fixture.hooks.set.clear();
    fixture.scheduler->configured();
    fixture.time.run_for(1s);
    EXPECT_THAT(fixture.cluster.runs, SizeIs(1));
    EXPECT_THAT(fixture.hooks.runs, IsEmpty()) << "it was stopped";
}

TEST_F(PreSchedule, AReloadThatReplacesPreScheduleRunsTheNewOneInstead) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::pre_schedule};
    fixture.hooks.length = 3h;
    fixture.start();
    fixture.run_until_clock(18h);
    fixture.hooks.command_line = "/opt/other";
    fixture.hooks.length = 10min;
    fixture.scheduler->configured();
    fixture.time.run_for(9min);
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
    fixture.time.run_for(2min);
    EXPECT_THAT(fixture.cluster.runs, SizeIs(1));
    EXPECT_EQ(hooks_of("pre_schedule"), 1) << "to its end";
}

TEST_F(PreSchedule, TheEndOfTheWindowStopsPreScheduleAndIsReportedThen) {
    fixture.settings.settings.timing.window = {17h, 18h};
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::pre_schedule};
    fixture.hooks.length = 4h;
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    EXPECT_THAT(fixture.alerts.runs, IsEmpty());
    fixture.run_until_clock(18h + 1min);
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.last_run().not_reached, ElementsAre("A"));
    EXPECT_THAT(fixture.alerts.last_run().problems, Contains(HasSubstr("PreSchedule was stopped")));
    EXPECT_THAT(fixture.hooks.runs, IsEmpty());
    fixture.hooks.length = 1min;
    fixture.run_until_clock(17h + 10min);
    EXPECT_EQ(fixture.copies_of("A"), 1u) << "in the next window";
}

TEST_F(PreSchedule, APauseStopsPreSchedule) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::pre_schedule};
    fixture.hooks.length = 4h;
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(true)));
    fixture.time.run_for(1min);
    EXPECT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
    fixture.hooks.length = 1min;
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(false)));
    fixture.time.run_for(5min);
    EXPECT_EQ(fixture.copies_of("A"), 1u);
    EXPECT_EQ(hooks_of("pre_schedule"), 1);
}

TEST_F(PreSchedule, ARestartAfterTheWindowDoesNotStartPreScheduleAgain) {
    fixture.settings.settings.timing.window = {17h, 18h};
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::pre_schedule};
    fixture.hooks.length = 4h;
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    fixture.stop();
    fixture.run_until_clock(19h);
    fixture.hooks.length = 0ms;
    fixture.start();
    fixture.time.run_for(5min);
    EXPECT_THAT(fixture.hooks.runs, IsEmpty());
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.last_run().not_reached, ElementsAre("A"));
}

TEST_F(PreSchedule, AStopDuringPreScheduleEndsAndTheNextStartRunsItAgain) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::pre_schedule};
    fixture.hooks.length = 1h;
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    fixture.stop();
    fixture.start();
    fixture.time.run_for(30min);
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
    fixture.time.run_for(31min);
    EXPECT_THAT(fixture.cluster.runs, SizeIs(1));
    EXPECT_EQ(hooks_of("pre_schedule"), 1);
}
