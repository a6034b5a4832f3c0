// No run stands in anybody's way: exports, owed hooks and clean-ups go on beside each other, and what a window did not
// reach is reported.
#include "daemon/core/verification.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

namespace {

struct ScheduleRuns : ::testing::Test {
    ScheduleFixture fixture;

    void add_copy(std::string const& name, int days_old) {
        Manifest manifest;
        manifest.backup = name;
        manifest.vm_uuid = fixture.cluster.vms.front().uuid;
        manifest.vm_name = fixture.cluster.vms.front().name;
        manifest.scheduled = true;
        manifest.end = ExportEnd::seen;
        manifest.started = manifest.completed = fixture.time.now() - 24h * days_old;
        manifest.verified = with_verification({}, Level::structure, manifest.completed);
        fixture.catalog.folders.insert(name);
        fixture.catalog.manifests[name] = std::move(manifest);
    }
    std::ptrdiff_t hooks_of(std::string const& kind) const {
        return std::ranges::count_if(fixture.hooks.runs, [&](std::string const& run) { return run.starts_with(kind); });
    }
};

}  // namespace

TEST_F(ScheduleRuns, AnExportOfManyHoursInAWindowThatNeverClosesHoldsUpNeitherTheOthersNorTheReports) {
    fixture.settings.settings.timing.window = {17h, 17h};
    for (auto const* name : {"LONG", "A", "B"}) fixture.cluster.add_vm(name);
    fixture.cluster.lengths["LONG"] = 30h;
    fixture.start();
    fixture.time.run_for(24h * 3);
    for (auto const* name : {"A", "B"}) EXPECT_GE(fixture.copies_of(name), 3u) << name;
    EXPECT_GE(fixture.copies_of("LONG"), 2u);
    ASSERT_GE(fixture.alerts.runs.size(), 2u);
    auto const& first = fixture.alerts.runs[0];
    EXPECT_LE(*first.finished - first.started, 24h + 10min) << "it does not wait for the long export";
    auto const long_job = std::ranges::find(fixture.journal.jobs, "LONG", [](auto const& entry) -> std::string const& {
                              return entry.second.vm_name;
                          })->first;
    EXPECT_THAT(first.jobs, Contains(long_job));
    EXPECT_THAT(fixture.alerts.runs[1].jobs, Contains(long_job)) << "the next run counts it";
    EXPECT_EQ(fixture.alerts.runs[1].failed, 0);
}

TEST_F(ScheduleRuns, ThePlanIsRenewedWhileAllSlotsAreTaken) {
    fixture.settings.settings.slots = 1;
    fixture.cluster.add_vm("LONG");
    fixture.cluster.length = 5h;
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    fixture.cluster.add_vm("NEW");
    fixture.time.run_for(11min);
    ASSERT_TRUE(fixture.scheduler->last_plan());
    auto const& skipped = fixture.scheduler->last_plan()->skipped;
    auto const found = std::ranges::find(skipped, "NEW", &Skipped::name);
    ASSERT_NE(found, skipped.end());
    EXPECT_EQ(found->reason, Skip::no_free_slot);
}

TEST_F(ScheduleRuns, AVmThatBecomesDueDuringPostScheduleIsExportedInTheNextRunBesideIt) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::post_schedule};
    fixture.hooks.length = 3h;
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    fixture.cluster.add_vm("B");
    fixture.run_until_clock(17h + 45min);
    EXPECT_EQ(fixture.copies_of("B"), 1u);
    EXPECT_THAT(fixture.alerts.runs, IsEmpty()) << "the hook of the first run still runs";
    fixture.run_until_clock(19h);
    fixture.cluster.add_vm("C");
    fixture.run_until_clock(19h + 15min);
    EXPECT_EQ(fixture.copies_of("C"), 1u);
    EXPECT_THAT(fixture.journal.runs, SizeIs(2))
        << "the second run collects what becomes due until the first has ended";
    fixture.run_until_clock(5h);
    EXPECT_EQ(hooks_of("post_schedule"), 2);
    EXPECT_THAT(fixture.alerts.runs, SizeIs(2));
}

TEST_F(ScheduleRuns, ARunThatOnlyWaitsForTheOneBeforeItIsNotShownAsExporting) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::post_schedule};
    fixture.hooks.length = 3h;
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    fixture.cluster.add_vm("B");
    fixture.cluster.length = 20min;
    fixture.run_until_clock(17h + 45min);
    EXPECT_EQ(fixture.get(fixture.scheduler->runs(1))->front().phase, RunPhase::exporting);
    fixture.run_until_clock(18h + 30min);
    auto const runs = fixture.get(fixture.scheduler->runs(2)).value();
    ASSERT_THAT(runs, SizeIs(2));
    EXPECT_EQ(runs[0].phase, RunPhase::waiting);
    EXPECT_EQ(runs[1].phase, RunPhase::post_hook);
    EXPECT_EQ(fixture.journal.runs.rbegin()->second.phase, RunPhase::exporting) << "as a restart continues it";
}

TEST_F(ScheduleRuns, ARestartContinuesBothTheRunThatEndsAndTheOneThatExports) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::post_schedule};
    fixture.hooks.length = 3h;
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    fixture.cluster.add_vm("B");
    fixture.cluster.length = 2h;
    fixture.run_until_clock(18h);
    ASSERT_THAT(fixture.journal.runs, SizeIs(2));
    fixture.stop();
    fixture.start();
    fixture.run_until_clock(5h);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u) << "nothing is exported twice";
    EXPECT_EQ(hooks_of("post_schedule"), 2);
    EXPECT_THAT(fixture.alerts.runs, SizeIs(2));
    for (auto const& [id, run] : fixture.journal.runs) EXPECT_EQ(run.phase, RunPhase::finished) << id;
}

TEST_F(ScheduleRuns, OwedHooksRunWhileAVmWaitsForItsNextAttempt) {
    for (auto const* name : {"A", "BAD"}) fixture.cluster.add_vm(name);
    fixture.cluster.task_error["BAD"] = "Disk read error";
    fixture.hooks.set = {HookKind::post_backup};
    fixture.hooks.delay = true;
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    EXPECT_THAT(fixture.hooks.runs, ElementsAre(StartsWith("post_backup A ")));
    EXPECT_THAT(fixture.alerts.runs, IsEmpty()) << "the run goes on until the window closes";
}

TEST_F(ScheduleRuns, ABackupIsLeasedUntilItsDelayedHookHasRun) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::post_backup};
    fixture.hooks.delay = true;
    fixture.hooks.length = 1h;
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    ASSERT_THAT(fixture.journal.owed, SizeIs(1));
    auto const backup = fixture.journal.owed.begin()->second.backup;
    EXPECT_FALSE(fixture.engine->leases().take(backup));
    fixture.stop();
    fixture.start();
    EXPECT_TRUE(fixture.engine->leases().is_in_use(backup)) << "after a restart, too";
    fixture.run_until_clock(20h);
    EXPECT_THAT(fixture.journal.owed, IsEmpty());
    EXPECT_FALSE(fixture.engine->leases().is_in_use(backup));
}

TEST_F(ScheduleRuns, FiveOfSixVmsThatTheWindowDidNotReachAreReported) {
    fixture.settings.settings.slots = 1;
    for (auto const* name : {"A", "B", "C", "D", "E", "F"}) fixture.cluster.add_vm(name);
    fixture.cluster.length = 14h;
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    fixture.run_until_clock(8h);
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_EQ(fixture.alerts.last_run().succeeded, 1);
    EXPECT_THAT(fixture.alerts.last_run().not_reached, UnorderedElementsAre("B", "C", "D", "E", "F"));
    EXPECT_THAT(fixture.journal.runs.begin()->second.not_reached, SizeIs(5)) << "'runs' shows them, too";
}

TEST_F(ScheduleRuns, NothingIsNotReachedAfterANightThatServedAll) {
    for (auto const* name : {"A", "BAD"}) fixture.cluster.add_vm(name);
    fixture.cluster.task_error["BAD"] = "Disk read error";
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    fixture.run_until_clock(8h);
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.last_run().not_reached, IsEmpty()) << "it failed, which is another matter";
    EXPECT_EQ(fixture.alerts.last_run().failed, 1);
}

TEST_F(ScheduleRuns, AWindowInWhichNothingCouldStartIsReportedAlthoughThereWasNoRun) {
    for (auto const* name : {"A", "B"}) fixture.cluster.add_vm(name);
    fixture.start();
    fixture.run_until_clock(16h);
    fixture.catalog.mark_unreadable = Error{Errc::io, "Input/output error"};
    fixture.run_until_clock(5h);
    EXPECT_THAT(fixture.alerts.runs, IsEmpty());
    fixture.run_until_clock(6h + 30min);
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.last_run().not_reached, ElementsAre("A", "B"));
    EXPECT_EQ(fixture.journal.runs.begin()->second.phase, RunPhase::finished);
    fixture.run_until_clock(16h);
    EXPECT_THAT(fixture.alerts.runs, SizeIs(1)) << "once";
}

TEST_F(ScheduleRuns, AWindowThatClosesWhileTheDaemonDoesNotRunIsReportedAfterTheStart) {
    for (auto const* name : {"A", "B"}) fixture.cluster.add_vm(name);
    fixture.start();
    fixture.run_until_clock(16h);
    fixture.catalog.mark_unreadable = Error{Errc::io, "Input/output error"};
    fixture.run_until_clock(5h + 59min);
    fixture.stop();
    fixture.time.run_for(2min);
    fixture.start();
    fixture.time.run_for(1min);
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.last_run().not_reached, ElementsAre("A", "B"));
    fixture.stop();
    fixture.start();
    fixture.run_until_clock(16h);
    EXPECT_THAT(fixture.alerts.runs, SizeIs(1)) << "once";
}

TEST_F(ScheduleRuns, ARunInProgressShowsWhatItHasDoneSoFar) {
    for (auto const* name : {"A", "B", "LONG"}) fixture.cluster.add_vm(name);
    fixture.cluster.lengths["LONG"] = 5h;
    fixture.cluster.task_error["B"] = "Disk read error";
    fixture.start();
    fixture.run_until_clock(17h + 2min);
    auto runs = fixture.get(fixture.scheduler->runs(1));
    ASSERT_TRUE(runs && runs->size() == 1);
    ASSERT_EQ(runs->front().phase, RunPhase::exporting);
    EXPECT_EQ(runs->front().succeeded, 1);
    EXPECT_EQ(runs->front().failed, 1);
    EXPECT_THAT(runs->front().problems, ElementsAre(HasSubstr("Disk read error")));
    fixture.cluster.task_error.clear();
    fixture.run_until_clock(18h);
    runs = fixture.get(fixture.scheduler->runs(1));
    EXPECT_EQ(runs->front().succeeded, 2) << "its second attempt succeeded";
    EXPECT_EQ(runs->front().failed, 0);
    EXPECT_THAT(fixture.alerts.runs, IsEmpty()) << "it is still in progress";
}

TEST_F(ScheduleRuns, WhatKeepsAnAlwaysOpenWindowFromOrderingForLongIsReported) {
    fixture.settings.settings.timing.window = {17h, 17h};
    fixture.settings.settings.tolerance = config::CivilDuration{0, 12h};
    fixture.cluster.add_vm("A");
    fixture.catalog.probe_fails = Error{Errc::io, "Read-only file system"};
    fixture.start();
    fixture.time.run_for(30min);
    EXPECT_THAT(fixture.alerts.blocked[ports::Blocked::hold], IsEmpty()) << "it may end soon";
    fixture.time.run_for(1h);
    ASSERT_FALSE(fixture.alerts.blocked[ports::Blocked::hold].empty());
    EXPECT_THAT(fixture.alerts.blocked[ports::Blocked::hold].front(), HasSubstr("Read-only"));
    fixture.time.run_for(40h);
    EXPECT_THAT(fixture.alerts.behind, Contains("A")) << "no run ends that would report it";
    auto const works = fixture.alerts.works;
    fixture.catalog.probe_fails.reset();
    fixture.time.run_for(15min);
    EXPECT_GT(fixture.alerts.works, works);
}

TEST_F(ScheduleRuns, WithoutAScheduleThereIsNothingToRunOrToExplain) {
    fixture.start();
    EXPECT_FALSE(fixture.scheduler->why_no_schedule());
    fixture.settings.configured = false;
    ASSERT_TRUE(fixture.scheduler->why_no_schedule());
    EXPECT_EQ(fixture.scheduler->why_no_schedule()->code, Errc::refused);
    auto const started = fixture.get(fixture.scheduler->start_now());
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error(), *fixture.scheduler->why_no_schedule());
}

TEST_F(ScheduleRuns, AWindowInWhichTheClusterNeverAnsweredIsReported) {
    fixture.cluster.add_vm("A");
    fixture.cluster.unreachable = Error{Errc::unreachable, "no route"};
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    fixture.run_until_clock(7h);
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.last_run().problems, ElementsAre(HasSubstr("no route")));
}

TEST_F(ScheduleRuns, APausedWindowIsNotReported) {
    fixture.cluster.add_vm("A");
    fixture.start();
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(true)));
    fixture.run_until_clock(17h + 1min);
    fixture.run_until_clock(7h);
    EXPECT_THAT(fixture.alerts.runs, IsEmpty());
}

TEST_F(ScheduleRuns, ADiskFullOfExpiredCopiesIsCleanedBeforeTheExportsOfTheWindow) {
    fixture.cluster.add_vm("A", 1 << 30);
    fixture.settings.policy.max_backups = 1;
    add_copy("old", 3);
    add_copy("new", 2);
    fixture.catalog.size["old"] = std::uint64_t{10} << 30;
    fixture.catalog.room = {0, std::uint64_t{100} << 30};
    fixture.undelete_for = 0ms;
    fixture.start();
    fixture.run_until_clock(17h + 20min);
    ASSERT_THAT(fixture.cluster.runs, SizeIs(1)) << "the export did not fit before";
    // The second one is surplus once the export has succeeded.
    EXPECT_THAT(fixture.catalog.removed, ElementsAre("old", "new"));
}

TEST_F(ScheduleRuns, ExpiredCopiesAreDeletedAlthoughNothingCanBeExportedForDays) {
    fixture.cluster.add_vm("A");
    fixture.settings.policy.max_backups = 1;
    add_copy("old", 3);
    add_copy("new", 2);
    fixture.start();
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(true)));
    fixture.time.run_for(24h);
    EXPECT_THAT(fixture.catalog.removed, ElementsAre("old"));
    EXPECT_THAT(fixture.journal.runs, IsEmpty());
}

TEST_F(ScheduleRuns, AClockThatIsSetBackDoesNotKeepARunOpenForMonths) {
    fixture.settings.settings.timing.window = {17h, 17h};
    for (auto const* name : {"A", "BAD"}) fixture.cluster.add_vm(name);
    fixture.cluster.task_error["BAD"] = "Disk read error";
    fixture.time.jump_wall_clock(24h * 400);
    fixture.start();
    fixture.time.run_for(1h);
    fixture.time.jump_wall_clock(-24h * 400);
    fixture.time.run_for(2h);
    EXPECT_THAT(fixture.alerts.runs, SizeIs(testing::Ge(1u))) << "a run that began in 2027 ends";
}

TEST_F(ScheduleRuns, AnInternalErrorInTheEndOfARunStopsNoExportAndTheEndIsRepeated) {
    fixture.cluster.add_vm("A");
    fixture.start();
    bool first = true;
    fixture.settings.policy.max_backups = 2;
    add_copy("old", 3);
    add_copy("older", 4);
    fixture.catalog.on_remove = [&first](std::string const&) {
        if (std::exchange(first, false)) throw std::runtime_error("a bug");
    };
    fixture.run_until_clock(17h + 30min);
    EXPECT_FALSE(first);
    EXPECT_THAT(fixture.alerts.blocked[ports::Blocked::internal], SizeIs(1));
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_EQ(fixture.journal.runs.begin()->second.phase, RunPhase::finished);
    EXPECT_EQ(fixture.copies_of("A"), 2u);
}
