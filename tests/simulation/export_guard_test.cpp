// Which failures concern all exports, and how the schedule finds out that they have ended.
#include "daemon/engine/export_guard.hpp"
#include "tests/simulation/engine_fixture.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct Guard : ::testing::Test {
    EngineFixture fixture;
    engine::ExportGuard guard{fixture.shown, fixture.time, *fixture.conditions};

    void fails(std::string const& vm, Errc code, ExportEnd end = ExportEnd::seen) {
        Job job;
        job.scheduled = true;
        job.vm = VmUuid{vm};
        job.vm_name = vm;
        job.phase = Phase::finished;
        job.outcome = Outcome::failed;
        job.end = end;
        job.error = Error{code, "why"};
        guard.note(job);
    }
    void succeeds(std::string const& vm) {
        Job job;
        job.vm = VmUuid{vm};
        job.phase = Phase::finished;
        job.outcome = Outcome::succeeded;
        guard.note(job);
    }
    bool objects() { return !fixture.get(guard.objection()).empty(); }
};

}  // namespace

TEST_F(Guard, OneErrorOfLocalPathIsEnough) {
    for (auto const code : {Errc::io, Errc::no_space, Errc::share_not_visible}) {
        fails("a", code);
        EXPECT_TRUE(objects()) << name_of(code);
        succeeds("a");
        EXPECT_FALSE(objects());
    }
}

TEST_F(Guard, FilesThatAreNoBackupAreTheVmsOwnUnlessAnotherVmHasThemToo) {
    fails("a", Errc::incomplete_backup);
    fails("a", Errc::incomplete_backup);
    EXPECT_FALSE(objects());
    succeeds("b");
    fails("c", Errc::damaged_backup);
    EXPECT_FALSE(objects()) << "another VM succeeded in between";
    fails("a", Errc::incomplete_backup);
    EXPECT_TRUE(objects());
}

TEST_F(Guard, AFailureOfTheClusterOrOfAnExportThatDidNotEndIsNotOne) {
    fails("a", Errc::task_failed, ExportEnd::failed);
    fails("b", Errc::io, ExportEnd::unknown);
    fails("c", Errc::no_space, ExportEnd::unknown);
    EXPECT_FALSE(objects());
}

TEST_F(Guard, TheTestIsMadeAfterFiveMinutesAndThenOneExportMustSucceed) {
    fails("a", Errc::io);
    EXPECT_TRUE(objects());
    EXPECT_EQ(fixture.catalog.probes, 0);
    fixture.time.run_for(5min);
    EXPECT_FALSE(objects());
    EXPECT_EQ(fixture.catalog.probes, 1);
    EXPECT_TRUE(guard.is_trial());
    fails("b", Errc::incomplete_backup);
    EXPECT_TRUE(objects()) << "in a trial one is enough";
    fixture.time.run_for(5min);
    EXPECT_TRUE(objects()) << "the pause grows";
    fixture.time.run_for(5min);
    EXPECT_FALSE(objects());
    EXPECT_TRUE(fixture.condition(ConditionKind::exports_failing)) << "others wait for the trial";
    succeeds("a");
    EXPECT_FALSE(guard.is_trial());
    EXPECT_FALSE(fixture.condition(ConditionKind::exports_failing));
}

TEST_F(Guard, ThePausesEndOnlyForFailuresWhoseCauseATestHasShownToHaveEnded) {
    auto const has_cause_ended = [this](std::string const& vm) {
        Job failed;
        failed.vm = VmUuid{vm};
        return guard.has_cause_ended(failed);
    };
    fails("own", Errc::incomplete_backup);
    fails("room", Errc::no_space);
    fails("a", Errc::io);
    ASSERT_TRUE(objects());
    EXPECT_FALSE(has_cause_ended("a"));
    guard.test_now();
    ASSERT_FALSE(objects());
    EXPECT_TRUE(has_cause_ended("a"));
    EXPECT_FALSE(has_cause_ended("own")) << "its own files may be the cause";
    EXPECT_FALSE(has_cause_ended("room")) << "a small file fits";
    fails("a", Errc::io);
    EXPECT_FALSE(has_cause_ended("a")) << "the next failure is another one";
}

TEST_F(Guard, AManualAttemptThatLocalPathRefusesLeavesTheSchedulesFailureAsItIs) {
    fails("a", Errc::io);
    Job manual;
    manual.id = 7;
    manual.vm = VmUuid{"a"};
    manual.phase = Phase::finished;
    manual.outcome = Outcome::failed;
    manual.error = Error{Errc::io, "testing whether LocalPath can be written: Read-only file system"};
    guard.note(manual);
    guard.test_now();
    ASSERT_FALSE(objects());
    Job failed;
    failed.vm = VmUuid{"a"};
    EXPECT_TRUE(guard.has_cause_ended(failed));
    EXPECT_FALSE(guard.has_cause_ended(manual)) << "the schedule has no pause after it";
}

TEST_F(Guard, AManualBackupThatSucceedsEndsIt) {
    fails("a", Errc::io);
    EXPECT_TRUE(fixture.condition(ConditionKind::exports_failing));
    succeeds("b");
    EXPECT_FALSE(objects());
    EXPECT_FALSE(fixture.condition(ConditionKind::exports_failing));
}

TEST_F(Guard, ARestartForgetsNeitherTheReasonNorTheCondition) {
    fails("a", Errc::io);
    fixture.catalog.probe_fails = Error{Errc::io, "still"};
    engine::ExportGuard later{fixture.shown, fixture.time, *fixture.conditions};
    later.load();
    EXPECT_THAT(fixture.get(later.objection()), HasSubstr("still"));
    fixture.catalog.probe_fails.reset();
    later.test_now();
    EXPECT_THAT(fixture.get(later.objection()), IsEmpty());
    EXPECT_TRUE(later.is_trial());
}

TEST_F(Guard, ARestartDoesNotForgetWhichFailuresItsTestEnds) {
    std::vector<Job> earlier;
    for (auto const* vm : {"a", "own", "served"}) {
        Job job;
        job.id = earlier.size() + 1;
        job.vm = VmUuid{vm};
        job.scheduled = true;
        job.phase = Phase::finished;
        job.outcome = Outcome::failed;
        job.end = ExportEnd::seen;
        job.posted = fixture.time.now();
        job.error = Error{job.vm == VmUuid{"own"} ? Errc::incomplete_backup : Errc::io, "why"};
        earlier.push_back(job);
    }
    auto success = earlier.back();
    success.outcome = Outcome::succeeded;
    success.error.reset();
    for (bool const had_condition : {false, true}) {
        if (had_condition) fixture.conditions->raise(ConditionKind::exports_failing, "why");
        engine::ExportGuard later{fixture.shown, fixture.time, *fixture.conditions};
        later.load();
        for (auto const& job : earlier) later.note_earlier(job);
        later.note_earlier(success);
        EXPECT_FALSE(later.has_cause_ended(earlier[0])) << "nothing has been tested yet";
        EXPECT_THAT(fixture.get(later.objection()), IsEmpty());
        EXPECT_TRUE(later.has_cause_ended(earlier[0]));
        EXPECT_FALSE(later.has_cause_ended(earlier[1]));
        EXPECT_FALSE(later.has_cause_ended(earlier[2]));
    }
}

TEST_F(Guard, WhatWasWrittenMinutesAgoIsTestedAgainBeforeAnOrder) {
    EXPECT_FALSE(objects());
    EXPECT_FALSE(objects());
    EXPECT_EQ(fixture.catalog.probes, 1) << "that was a moment ago";
    fixture.time.run_for(5min);
    fixture.catalog.probe_fails = Error{Errc::io, "Read-only file system"};
    EXPECT_TRUE(objects());
    EXPECT_TRUE(fixture.condition(ConditionKind::exports_failing));
    fixture.catalog.probe_fails.reset();
    fixture.time.run_for(5min);
    EXPECT_FALSE(objects());
    EXPECT_FALSE(guard.is_trial()) << "no export has failed";
    EXPECT_FALSE(fixture.condition(ConditionKind::exports_failing));
}

TEST_F(Guard, AFullDiskIsTheBusinessOfEachExport) {
    fixture.catalog.probe_fails = Error{Errc::no_space, "No space left on device"};
    EXPECT_FALSE(objects()) << "the trash makes room";
}

TEST_F(Guard, ARestartDuringTheTrialKeepsTheReasonOnly) {
    fails("a", Errc::io);
    fixture.time.run_for(5min);
    ASSERT_FALSE(objects());
    engine::ExportGuard later{fixture.shown, fixture.time, *fixture.conditions};
    later.load();
    fixture.catalog.probe_fails.reset();
    EXPECT_THAT(fixture.get(later.objection()), IsEmpty());
    EXPECT_TRUE(later.is_trial());
    auto const reason = fixture.condition(ConditionKind::exports_failing)->reason;
    EXPECT_EQ(reason.find("before: "), reason.rfind("before: ")) << reason;
}
