// Which failures concern all exports, and how the schedule finds out that they have ended.
#include "daemon/engine/export_guard.hpp"
#include "tests/simulation/engine_fixture.hpp"

#include <gmock/gmock.h>

#include <string>

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
