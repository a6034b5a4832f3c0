// While the journal cannot be written, the schedule orders nothing and says so; it continues within seconds.
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

/// Two VMs that are due; the journal's disk became full right before the window opened.
struct ScheduleJournal : ::testing::Test {
    ScheduleFixture fixture;

    void SetUp() override {
        for (auto const* name : {"A", "B"}) fixture.cluster.add_vm(name);
        fixture.start();
        fixture.run_until_clock(16h + 59min);
        fixture.journal.full = true;
        fixture.run_until_clock(17h + 30min);
        ASSERT_THAT(fixture.cluster.runs, IsEmpty());
        ASSERT_TRUE(stands());
    }
    bool stands() const { return fixture.condition(ConditionKind::journal_unwritable).has_value(); }
};

}  // namespace

TEST_F(ScheduleJournal, WhatWaitsForItSaysSo) {
    auto const gathered = fixture.get(fixture.scheduler->gather()).value();
    EXPECT_THAT(gathered.snapshot.facts.hold, HasSubstr("the journal cannot be written"));
    EXPECT_THAT(gathered.snapshot.facts.hold, HasSubstr("the disk is full"));
    auto const planned = plan(gathered.snapshot.facts, gathered.settings, gathered.snapshot.in_progress, fixture.zone);
    EXPECT_THAT(planned.start, IsEmpty());
    ASSERT_THAT(planned.skipped, SizeIs(2));
    EXPECT_EQ(planned.skipped.front().reason, Skip::on_hold);
}

TEST_F(ScheduleJournal, TheScheduleContinuesWithinSecondsAfterIt) {
    fixture.journal.full = false;
    fixture.time.run_for(10s);
    EXPECT_THAT(fixture.cluster.runs, SizeIs(2));
    EXPECT_FALSE(stands());
}

TEST_F(ScheduleJournal, TheScheduleContinuesAlsoIfSomethingElseFindsThatItCanBeWritten) {
    fixture.journal.full = false;
    fixture.conditions->clear(ConditionKind::journal_unwritable);
    fixture.time.run_for(10s);
    EXPECT_THAT(fixture.cluster.runs, SizeIs(2));
}

TEST_F(ScheduleJournal, TheNightHasOneRunAlthoughItBeganWithoutARecord) {
    fixture.journal.full = false;
    fixture.run_until_clock(8h);
    EXPECT_THAT(fixture.journal.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_EQ(fixture.alerts.last_run().succeeded, 2);
}

TEST_F(ScheduleJournal, TheClusterIsNotAskedEveryFewSeconds) {
    auto const before = fixture.cluster.list_requests;
    fixture.time.run_for(10min);
    EXPECT_LE(fixture.cluster.list_requests - before, 12);
}

TEST(ScheduleIntent, AJobWhoseIntentCannotBeRecordedIsWithdrawnAndOrderedSoonAfter) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.start();
    fixture.journal.lost = {Phase::posting};
    fixture.run_until_clock(17h + 20s);
    ASSERT_THAT(fixture.cluster.runs, IsEmpty());
    ASSERT_FALSE(fixture.journal.jobs.empty());
    EXPECT_LE(fixture.journal.jobs.size(), 6u) << "not as fast as it can";
    auto const& first = fixture.journal.jobs.begin()->second;
    EXPECT_TRUE(is_withdrawn(first));
    EXPECT_FALSE(first.posted);
    EXPECT_THAT(first.error->context, HasSubstr("recording the intent before the export"));
    fixture.journal.lost.clear();
    fixture.time.run_for(1min);
    EXPECT_THAT(fixture.cluster.runs, SizeIs(1)) << "no pause after a failure";
    fixture.run_until_clock(8h);
    for (auto const& run : fixture.alerts.runs) EXPECT_EQ(run.failed, 0);
}
