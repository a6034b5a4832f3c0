// No waste: a VM is not exported in full again because its copy was moved, or because something makes every export
// useless at its end; and a refused login is not repeated by the clock.
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

struct ScheduleWaste : ::testing::Test {
    ScheduleFixture fixture;

    /// Runs right after each backup, as a PostBackup hook would.
    void after_each_backup(std::function<void(std::string const&)> act) {
        fixture.on_change = [this, act = std::move(act)](Job const& job) {
            if (fixture.scheduler) fixture.scheduler->job_changed(job);
            if (job.phase == Phase::finished && job.outcome == Outcome::succeeded) act(job.backup);
        };
    }
    std::string uuid() const { return fixture.cluster.vms.front().uuid.text(); }
    std::optional<Condition> condition(ConditionKind kind, std::string const& subject = {}) const {
        return fixture.condition(kind, subject);
    }
};

}  // namespace

TEST_F(ScheduleWaste, ABackupThatAHookMovesAwayIsMadeOnceANightAndReported) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::post_backup};
    after_each_backup([this](std::string const& backup) {
        fixture.catalog.folders.erase(backup);
        fixture.catalog.manifests.erase(backup);
    });
    fixture.start();
    for (std::size_t night = 1; night <= 3; ++night) {
        fixture.run_until_clock(17h + 1min);
        fixture.run_until_clock(5h);
        EXPECT_EQ(fixture.cluster.runs.size(), night);
        auto const moved = condition(ConditionKind::backup_moved_away, uuid());
        ASSERT_TRUE(moved);
        EXPECT_THAT(moved->reason, HasSubstr("PostBackup"));
        EXPECT_THAT(moved->reason, HasSubstr("'A'"));
    }
    after_each_backup([](std::string const&) {});
    fixture.run_until_clock(17h + 1min);
    fixture.run_until_clock(5h);
    EXPECT_FALSE(condition(ConditionKind::backup_moved_away, uuid())) << "the newest copy is where it belongs";
}

TEST_F(ScheduleWaste, ABackupThatVanishedIsNotMadeAgainAfterARestart) {
    fixture.cluster.add_vm("A");
    after_each_backup([this](std::string const& backup) {
        fixture.catalog.folders.erase(backup);
        fixture.catalog.manifests.erase(backup);
    });
    fixture.start();
    fixture.run_until_clock(18h);
    fixture.stop();
    fixture.start();
    fixture.run_until_clock(5h);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST_F(ScheduleWaste, ABackupThatAHookRecompressesIsMadeOnceMoreAndThenOnceANight) {
    fixture.cluster.add_vm("A");
    // Its folder stays, but it is not a complete backup any longer.
    after_each_backup([this](std::string const& backup) { fixture.catalog.manifests.erase(backup); });
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    fixture.run_until_clock(5h);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u) << "the first may be damage";
    for (std::size_t night = 2; night <= 4; ++night) {
        fixture.run_until_clock(17h + 1min);
        fixture.run_until_clock(5h);
        EXPECT_EQ(fixture.cluster.runs.size(), night + 1);
    }
    EXPECT_TRUE(condition(ConditionKind::backup_moved_away, uuid()));
}

TEST_F(ScheduleWaste, ABackupWhoseFilesAHookReplacesIsMadeOnceMoreAndThenOnceANight) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::post_backup};
    after_each_backup([this](std::string const& backup) { fixture.catalog.altered.insert(backup); });
    fixture.start();
    for (std::size_t night = 1; night <= 3; ++night) {
        fixture.run_until_clock(17h + 1min);
        fixture.run_until_clock(5h);
        EXPECT_EQ(fixture.cluster.runs.size(), night + 1) << "the first may be damage";
    }
    ASSERT_TRUE(condition(ConditionKind::backup_moved_away, uuid()));
    EXPECT_THAT(condition(ConditionKind::backup_moved_away, uuid())->reason, HasSubstr("PostBackup"));
}

TEST_F(ScheduleWaste, ExportsThatAreFoundDamagedOneAfterTheOtherAreRepeatedWithPausesAndReported) {
    fixture.cluster.add_vm("A");
    after_each_backup([this](std::string const& backup) {
        fixture.catalog.manifests[backup].damage = Damage{"content", fixture.time.now(), "bytes have changed"};
    });
    fixture.start();
    fixture.run_until_clock(17h + 4min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    fixture.run_until_clock(17h + 30min);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
    EXPECT_TRUE(condition(ConditionKind::backup_moved_away, uuid()));
    fixture.run_until_clock(5h);
    EXPECT_LE(fixture.cluster.runs.size(), 14u) << "once an hour";
    EXPECT_GE(fixture.cluster.runs.size(), 10u);
    after_each_backup([](std::string const&) {});
    fixture.run_until_clock(17h + 1min);
    fixture.run_until_clock(19h);
    EXPECT_FALSE(condition(ConditionKind::backup_moved_away, uuid()));
}

TEST_F(ScheduleWaste, ADamagedBackupIsMadeAgainImmediately) {
    fixture.cluster.add_vm("A");
    fixture.start();
    fixture.run_until_clock(18h);
    ASSERT_THAT(fixture.catalog.manifests, SizeIs(1));
    fixture.catalog.manifests.begin()->second.damage = Damage{"content", fixture.time.now(), "bytes have changed"};
    fixture.scheduler->folders_changed();
    fixture.scheduler->check_again();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
    EXPECT_FALSE(condition(ConditionKind::backup_moved_away, uuid()));
}

TEST_F(ScheduleWaste, WhatSucceededInAnotherLocalPathDoesNotCountAlsoAfterARestart) {
    engine::MovedBackups::Dependencies const dependencies{.catalog = fixture.shown,
                                                          .journal = fixture.journal,
                                                          .time = fixture.time,
                                                          .hooks = fixture.hooks,
                                                          .trash = *fixture.trash,
                                                          .conditions = *fixture.conditions};
    engine::MovedBackups moved(dependencies);
    EXPECT_FALSE(fixture.get(moved.in_use_since())) << "it has no mark yet";
    fixture.catalog.mark = "one";
    EXPECT_EQ(fixture.get(moved.in_use_since()), UtcTime::min());
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.get(moved.in_use_since()), UtcTime::min());
    fixture.catalog.mark = "another";
    auto const changed = fixture.time.now();
    EXPECT_EQ(fixture.get(moved.in_use_since()), changed);
    fixture.time.run_for(1h);
    engine::MovedBackups later(dependencies);
    EXPECT_EQ(fixture.get(later.in_use_since()), changed);
}

TEST_F(ScheduleWaste, AnExportWhoseEndWasNotSeenIsRepeatedOnceANightAtMost) {
    fixture.cluster.add_vm("A");
    fixture.cluster.knows_tags = false;
    fixture.cluster.vms_know_tasks = false;
    fixture.cluster.lists_tasks = false;
    fixture.start();
    std::vector<std::size_t> exports;
    for (int night = 1; night <= 3; ++night) {
        fixture.run_until_clock(17h + 1min);
        fixture.run_until_clock(12h);
        exports.push_back(fixture.cluster.runs.size());
    }
    EXPECT_LE(exports[1] - exports[0], 1u) << "a cluster whose tasks cannot be followed";
    EXPECT_LE(exports[2] - exports[1], 1u);
}

TEST_F(ScheduleWaste, ACopyWithoutASeenEndIsNamedUntilItIsAccepted) {
    fixture.cluster.add_vm("A");
    fixture.start();
    fixture.run_until_clock(18h);
    auto const name = fixture.catalog.manifests.begin()->first;
    fixture.catalog.manifests[name].end = ExportEnd::inferred;
    fixture.catalog.manifests[name].started += 24h;
    ASSERT_TRUE(fixture.get(fixture.scheduler->gather()));
    EXPECT_FALSE(condition(ConditionKind::export_end_not_seen, name)) << "dated in the future";
    fixture.catalog.manifests[name].started -= 24h;
    ASSERT_TRUE(fixture.get(fixture.scheduler->gather()));
    EXPECT_TRUE(condition(ConditionKind::export_end_not_seen, name));
    fixture.catalog.manifests[name].accepted = fixture.time.now();
    ASSERT_TRUE(fixture.get(fixture.scheduler->gather()));
    EXPECT_FALSE(condition(ConditionKind::export_end_not_seen, name));
}

TEST_F(ScheduleWaste, AManifestThatCannotBeWrittenDoesNotExportEveryVmAgainAndAgain) {
    for (auto const* name : {"A", "B", "C", "D", "E", "F"}) fixture.cluster.add_vm(name);
    fixture.catalog.writing_fails = Error{Errc::io, "scale-backup.json: Input/output error"};
    fixture.start();
    fixture.run_until_clock(17h + 1s);
    fixture.catalog.probe_fails = Error{Errc::io, "a test file: Input/output error"};
    fixture.run_until_clock(20h);
    EXPECT_EQ(fixture.cluster.runs.size(), 3u) << "those that had started";
    auto const failing = condition(ConditionKind::exports_failing);
    ASSERT_TRUE(failing);
    EXPECT_THAT(failing->reason, HasSubstr("Input/output error"));
    EXPECT_GE(fixture.catalog.probes, 25) << "every five minutes";
    fixture.catalog.writing_fails.reset();
    fixture.catalog.probe_fails.reset();
    fixture.run_until_clock(21h);
    EXPECT_THAT(fixture.catalog.manifests, SizeIs(6));
    EXPECT_FALSE(condition(ConditionKind::exports_failing));
}

TEST_F(ScheduleWaste, NoExportIsOrderedIntoALocalPathThatIsReadOnly) {
    for (auto const* name : {"A", "B", "C", "D"}) fixture.cluster.add_vm(name);
    fixture.start();
    fixture.run_until_clock(16h);
    fixture.catalog.probe_fails = Error{Errc::io, "Read-only file system"};
    fixture.run_until_clock(20h);
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
    EXPECT_THAT(fixture.journal.jobs, IsEmpty()) << "the schedule waits";
    ASSERT_TRUE(condition(ConditionKind::exports_failing));
    EXPECT_THAT(condition(ConditionKind::exports_failing)->reason, HasSubstr("Read-only"));
    fixture.catalog.probe_fails.reset();
    fixture.run_until_clock(20h + 15min);
    EXPECT_THAT(fixture.catalog.manifests, SizeIs(4));
    EXPECT_FALSE(condition(ConditionKind::exports_failing));
}

TEST_F(ScheduleWaste, ALocalPathThatBecomesReadOnlyDuringTheNightGetsNoFurtherExport) {
    for (auto const* name : {"A", "B", "C", "D", "E"}) fixture.cluster.add_vm(name);
    fixture.cluster.length = 20min;
    fixture.start();
    fixture.run_until_clock(17h + 10min);
    ASSERT_THAT(fixture.cluster.runs, SizeIs(3));
    fixture.catalog.probe_fails = fixture.catalog.writing_fails = Error{Errc::io, "Read-only file system"};
    fixture.run_until_clock(20h);
    EXPECT_THAT(fixture.cluster.runs, SizeIs(3));
    EXPECT_TRUE(condition(ConditionKind::exports_failing));
}

TEST_F(ScheduleWaste, AManualBackupIntoAReadOnlyLocalPathFailsBeforeItIsOrdered) {
    fixture.cluster.add_vm("A");
    fixture.catalog.probe_fails = Error{Errc::io, "Read-only file system"};
    auto const id = fixture.backup("A", "manual");
    fixture.time.run_for(1s);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::failed);
    EXPECT_THAT(fixture.job(id).error->context, HasSubstr("Read-only"));
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
}

TEST_F(ScheduleWaste, WhileTheTestSucceedsAndTheExportsDoNotThereIsOneNowAndThen) {
    for (auto const* name : {"A", "B", "C", "D", "E", "F"}) fixture.cluster.add_vm(name);
    fixture.catalog.writing_fails = Error{Errc::io, "scale-backup.json: Input/output error"};
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    fixture.run_until_clock(5h);
    EXPECT_GE(fixture.cluster.runs.size(), 5u);
    EXPECT_LE(fixture.cluster.runs.size(), 20u) << "12 hours, with pauses of up to an hour";
}

TEST_F(ScheduleWaste, AManualAttemptInBetweenDoesNotProlongThePauseOfTheVm) {
    fixture.cluster.add_vm("A");
    fixture.catalog.writing_fails = Error{Errc::io, "scale-backup.json: Input/output error"};
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    fixture.catalog.probe_fails = Error{Errc::io, "Read-only file system"};
    fixture.backup("A", "manual");
    fixture.time.run_for(1s);
    fixture.catalog.writing_fails.reset();
    fixture.catalog.probe_fails.reset();
    ASSERT_TRUE(fixture.get(fixture.scheduler->start_now()));
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.copies_of("A"), 1u);
}

TEST_F(ScheduleWaste, APersonsOrderMakesTheTestNow) {
    fixture.cluster.add_vm("A");
    fixture.catalog.writing_fails = Error{Errc::io, "scale-backup.json: Input/output error"};
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    ASSERT_TRUE(condition(ConditionKind::exports_failing));
    auto const before = fixture.catalog.probes;
    ASSERT_TRUE(fixture.get(fixture.scheduler->start_now()));
    fixture.time.run_for(1s);
    EXPECT_EQ(fixture.catalog.probes, before + 2) << "this one, and the one before each order";
    ASSERT_TRUE(condition(ConditionKind::exports_failing)) << "until an export succeeds";
    EXPECT_THAT(condition(ConditionKind::exports_failing)->reason, HasSubstr("one at a time"));
}

TEST_F(ScheduleWaste, WhenTheCauseHasEndedTheVmsThatItConcernedDoNotWaitForTheirOwnPauses) {
    fixture.cluster.add_vm("A");
    fixture.catalog.writing_fails = Error{Errc::io, "scale-backup.json: Input/output error"};
    fixture.start();
    fixture.run_until_clock(17h + 8min);
    ASSERT_THAT(fixture.cluster.runs, SizeIs(2)) << "it failed twice, and would wait until 17:15";
    fixture.catalog.writing_fails.reset();
    ASSERT_TRUE(fixture.get(fixture.scheduler->start_now()));
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.copies_of("A"), 1u);
}

TEST_F(ScheduleWaste, ARefusedLoginIsRepeatedAfterMinutesThenHoursAndImmediatelyAfterAReload) {
    fixture.cluster.add_vm("A");
    fixture.start();
    fixture.run_until_clock(16h + 59min);
    fixture.cluster.unreachable = Error{Errc::credentials_refused, "401"};
    auto const before = fixture.cluster.list_requests;
    auto const identities = fixture.cluster.identity_requests;
    fixture.run_until_clock(5h);
    auto const requests = fixture.cluster.list_requests - before;
    EXPECT_GE(requests, 6);
    EXPECT_LE(requests, 12) << "twelve hours";
    EXPECT_EQ(fixture.cluster.identity_requests, identities) << "nor is anything else asked";
    fixture.cluster.unreachable.reset();
    fixture.engine->forget_vms();
    fixture.scheduler->configured();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.copies_of("A"), 1u) << "it is tried immediately";
}
