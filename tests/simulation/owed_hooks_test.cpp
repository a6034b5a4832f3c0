// A delayed PostBackup hook is owed from the moment when its job succeeds: it runs once, whatever happens to the
// daemon, its run and the configuration meanwhile.
#include "tests/simulation/landing_fixture.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

namespace {

/// A run from 17:00 with one export of an hour; its hook takes half an hour.
struct OwedHooks : ::testing::Test {
    ScheduleFixture fixture;

    void SetUp() override {
        fixture.cluster.add_vm("A");
        fixture.cluster.length = 1h;
        fixture.hooks.set = {HookKind::post_backup};
        fixture.hooks.delay = true;
        fixture.hooks.length = 30min;
        fixture.start();
        fixture.run_until_clock(17h + 30min);
        ASSERT_THAT(fixture.cluster.runs, SizeIs(1));
    }
    void kill() {
        fixture.stop();
        fixture.start();
    }
    void expect_one_hook() {
        EXPECT_THAT(fixture.hooks.runs, ElementsAre(StartsWith("post_backup A ")));
        EXPECT_THAT(fixture.journal.owed, IsEmpty());
        EXPECT_THAT(fixture.alerts.runs, SizeIs(1));
    }
};

}  // namespace

TEST_F(OwedHooks, RunsAfterTheDelayIsSwitchedOffDuringTheRun) {
    fixture.hooks.delay = false;
    fixture.run_until_clock(20h);
    expect_one_hook();
}

TEST_F(OwedHooks, RunsAfterTheDelayIsSwitchedOffAndTheDaemonIsRestarted) {
    fixture.hooks.delay = false;
    kill();
    fixture.run_until_clock(18h + 20min);
    EXPECT_THAT(fixture.journal.owed, SizeIs(1)) << "it is running";
    fixture.run_until_clock(20h);
    expect_one_hook();
}

TEST_F(OwedHooks, RunsAgainIfAKillInterruptsIt) {
    fixture.run_until_clock(18h + 20min);
    EXPECT_THAT(fixture.journal.owed, SizeIs(1));
    EXPECT_THAT(fixture.hooks.runs, IsEmpty());
    kill();
    fixture.run_until_clock(20h);
    expect_one_hook();
}

TEST_F(OwedHooks, RunsAfterTheScheduleIsRemovedFromTheConfiguration) {
    fixture.settings.configured = false;
    kill();
    fixture.run_until_clock(20h);
    EXPECT_THAT(fixture.hooks.runs, SizeIs(1));
    EXPECT_THAT(fixture.journal.owed, IsEmpty());
}

TEST_F(OwedHooks, IsDroppedIfPostBackupIsRemovedFromTheConfiguration) {
    fixture.hooks.set.clear();
    fixture.run_until_clock(20h);
    EXPECT_THAT(fixture.hooks.runs, IsEmpty());
    EXPECT_THAT(fixture.journal.owed, IsEmpty());
    fixture.hooks.set = {HookKind::post_backup};
    fixture.run_until_clock(16h);
    EXPECT_THAT(fixture.hooks.runs, IsEmpty());
}

TEST_F(OwedHooks, DoesNotRunAgainWhileItsEndCannotBeRecorded) {
    fixture.run_until_clock(18h + 20min);
    fixture.journal.full = true;
    fixture.run_until_clock(19h);
    EXPECT_THAT(fixture.hooks.runs, SizeIs(1));
    EXPECT_THAT(fixture.journal.owed, SizeIs(1));
    fixture.journal.full = false;
    fixture.run_until_clock(20h);
    expect_one_hook();
}

TEST_F(OwedHooks, IsOwedAlthoughTheEndOfItsJobIsRecordedLate) {
    fixture.journal.full = true;
    fixture.run_until_clock(18h + 20min);
    EXPECT_THAT(fixture.hooks.runs, IsEmpty());
    fixture.journal.full = false;
    fixture.run_until_clock(20h);
    expect_one_hook();
}

TEST_F(OwedHooks, ItsFailureIsAProblemOfTheRunOnceAndAWarningOfTheJob) {
    fixture.hooks.problem = "PostBackup: exit code 3";
    fixture.hooks.set = {HookKind::post_backup, HookKind::post_schedule};
    fixture.run_until_clock(18h + 45min);
    EXPECT_THAT(fixture.journal.owed, IsEmpty());
    EXPECT_THAT(fixture.alerts.runs, IsEmpty()) << "PostSchedule is running";
    kill();
    fixture.run_until_clock(22h);
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.runs.front().problems, Contains("A: PostBackup: exit code 3").Times(1));
    EXPECT_THAT(fixture.journal.jobs.at(1).warnings, ElementsAre("PostBackup: exit code 3"));
}

TEST(OwedHooksOfHeldUpJobs, RunWhenTheCommitSucceedsAfterTheRun) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::post_backup};
    fixture.hooks.delay = true;
    fixture.catalog.renaming_fails = file_in_use;
    fixture.start();
    fixture.run_until_clock(19h);
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.hooks.runs, IsEmpty());
    fixture.run_until_clock(12h);  // outside the window
    fixture.catalog.renaming_fails.reset();
    fixture.time.run_for(10min);
    EXPECT_THAT(fixture.hooks.runs, ElementsAre(HasSubstr("post_backup A ")));
    EXPECT_THAT(fixture.journal.owed, IsEmpty());
}
