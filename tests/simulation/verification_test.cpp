#include "daemon/core/retention.hpp"
#include "tests/simulation/verify_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace sb::test {
namespace {

using core::Level;
using core::Outcome;
using core::Reason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Fixture = VerifyFixture;

TEST(Verifying, EachNewBackupIsReadAutomaticallyAfterTheWindowCloses) {
    Fixture fixture;
    fixture.time.jump_wall_clock(8h);  // 20:00, exports run
    fixture.add_backup("new", 1h);
    fixture.start();
    fixture.time.run_for(9h);
    EXPECT_EQ(fixture.level_of("new"), "structure") << "05:00: still open";
    fixture.time.run_for(2h);
    EXPECT_EQ(fixture.level_of("new"), "content");
    EXPECT_THAT(fixture.alerts.good_backups, ElementsAre("new"));
}

TEST(Verifying, ScheduledReadingPausesWhileTheWindowIsOpen) {
    Fixture fixture;
    fixture.time.jump_wall_clock(4h);                    // 16:00
    fixture.verification.size = std::uint64_t{1} << 40;  // 100 MiB/s: 2 h 55 min
    fixture.add_backup("large");
    fixture.start();
    fixture.time.run_for(2h);
    auto const read = fixture.verification.read;
    EXPECT_NEAR(static_cast<double>(read), 3600.0 * 100 * (1 << 20), 100 << 20) << "from 16:00 to 17:00";
    fixture.time.run_for(11h);
    EXPECT_EQ(fixture.verification.read, read);
    fixture.time.run_for(4h);
    EXPECT_EQ(fixture.level_of("large"), "content");
    EXPECT_EQ(fixture.verification.read, fixture.verification.size) << "nothing was read twice";
    EXPECT_EQ(fixture.journal.jobs.size(), 1U);
}

TEST(Verifying, TheRateIsLimitedAndRequestedVerificationRunsInTheWindowToo) {
    Fixture fixture;
    fixture.time.jump_wall_clock(8h);
    fixture.add_backup("a");
    fixture.start();
    auto const begin = fixture.time.steady_now();
    auto const job = fixture.ended(fixture.verify("a"));
    EXPECT_EQ(job.outcome, Outcome::succeeded);
    EXPECT_EQ(job.percent, 100);
    auto const took = fixture.time.steady_now() - begin;
    EXPECT_GE(took, 102s);  // 10 GiB at 100 MiB/s
    EXPECT_LE(took, 104s);
}

TEST(Verifying, RequestedVerificationGoesFirst) {
    Fixture fixture;
    fixture.add_backup("by itself", 1h);
    fixture.add_backup("asked", 48h);
    fixture.start();
    fixture.time.run_for(30s);
    auto const job = fixture.ended(fixture.verify("asked"));
    EXPECT_EQ(job.outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.level_of("by itself"), "structure");
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.level_of("by itself"), "content");
    EXPECT_THAT(fixture.verification.started, ElementsAre("by itself at 0", "asked at 0", "by itself at 2"));
}

TEST(Verifying, ARestartContinuesTheSavedReading) {
    Fixture fixture;
    fixture.verification.size = std::uint64_t{100} << 30;
    fixture.add_backup("a");
    fixture.start();
    auto const id = fixture.verify("a");
    fixture.time.run_for(5min);
    auto const started = fixture.journal.jobs[id].started;
    ASSERT_TRUE(started);
    fixture.verification.kept[{"a", *started}] = std::uint64_t{20} << 30;  // as saved on disk
    fixture.stop();
    fixture.start();
    EXPECT_EQ(fixture.ended(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.verification.started.back(), "a at 20");
}

TEST(Verifying, CancelStopsItAtTheNextSlice) {
    Fixture fixture;
    fixture.settings.policy.content = false;
    fixture.verification.size = std::uint64_t{1} << 40;
    fixture.add_backup("a");
    fixture.add_backup("b");
    fixture.start();
    auto const at_work = fixture.verify("a");
    auto const waiting = fixture.verify("b");
    fixture.time.run_for(1min);
    ASSERT_TRUE(fixture.get(fixture.verifier->cancel(waiting)));
    ASSERT_TRUE(fixture.get(fixture.verifier->cancel(at_work)));
    fixture.time.run_for(2s);
    EXPECT_EQ(fixture.journal.jobs[at_work].outcome, Outcome::cancelled);
    EXPECT_EQ(fixture.journal.jobs[waiting].outcome, Outcome::cancelled);
    EXPECT_THAT(fixture.verifier->unfinished_jobs(), IsEmpty());
    EXPECT_FALSE(fixture.get(fixture.verifier->cancel(at_work)));
    EXPECT_THAT(fixture.alerts.bad_backups, IsEmpty());
}

TEST(Verifying, AnUnrecordedEndIsShownAndRecordedOnceTheJournalCanBeWritten) {
    Fixture fixture;
    fixture.add_backup("nightly");
    fixture.settings.policy = {};
    fixture.start();
    auto const id = fixture.verify("nightly");
    fixture.time.run_for(1s);
    ASSERT_EQ(fixture.journal.jobs[id].phase, core::Phase::reading);
    fixture.journal.full = true;
    fixture.time.run_for(1h);
    ASSERT_EQ(fixture.journal.jobs[id].phase, core::Phase::reading) << "nothing could be written";
    EXPECT_TRUE(fixture.verifier->unfinished_jobs().empty());
    EXPECT_EQ(fixture.get(fixture.engine->find_job(id))->outcome, Outcome::succeeded);
    auto const jobs = *fixture.get(fixture.engine->list_jobs(10));
    EXPECT_EQ(std::ranges::count(jobs, id, &core::Job::id), 1);
    fixture.journal.full = false;
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.journal.jobs[id].outcome, Outcome::succeeded);
}

TEST(Verifying, DamageIsMarkedAndReportedAndNotCheckedAgainAutomatically) {
    Fixture fixture;
    fixture.add_backup("good", 72h);
    fixture.add_backup("bad", 24h);
    fixture.verification.bad_content["bad"] = Error{Errc::damaged_backup, "'disk.qcow2' has changed"};
    fixture.start();
    fixture.time.run_for(1h);
    EXPECT_THAT(fixture.alerts.bad_backups, ElementsAre("bad: good"));
    ASSERT_TRUE(fixture.catalog.manifests["bad"].damage);
    EXPECT_EQ(fixture.catalog.manifests["bad"].damage->reason, "'disk.qcow2' has changed");
    auto const finished = std::ranges::find(fixture.changes, Outcome::failed, &core::Job::outcome);
    ASSERT_NE(finished, fixture.changes.end());
    EXPECT_TRUE(fixture.damaged_at_change[static_cast<std::size_t>(finished - fixture.changes.begin())])
        << "whoever hears of the job's end must see the damage";
    fixture.time.run_for(72h);
    EXPECT_EQ(fixture.alerts.bad_backups.size(), 1U);
    EXPECT_EQ(fixture.journal.jobs.size(), 2U) << "one for each backup";
}

/// What retention would do with all backups except the newest.
Reason verdict_of(VerifyFixture& fixture, std::string const& name) {
    core::RetentionFacts facts;
    facts.now = fixture.time.now();
    auto const backups = fixture.get(fixture.engine->list_backups());
    for (auto const& backup : *backups) {
        facts.backups.push_back(core::stored_of(backup));
        facts.backups.back().scheduled = true;
    }
    core::RetentionPolicy policy;
    policy.max_backups = 1;
    for (auto const& verdict : core::evaluate_retention(facts, policy, fixture.zone))
        if (verdict.backup == name) return verdict.reason;
    return Reason::not_a_copy;
}

TEST(Verifying, DamageWhoseMarkCannotBeWrittenIsKnownAnywayAlsoAcrossARestart) {
    Fixture fixture;
    fixture.settings.policy = {false, false, {}};
    fixture.add_backup("newest", 24h);
    fixture.add_backup("bad", 48h);
    fixture.add_backup("older", 72h);
    fixture.verification.bad_structure["bad"] = Error{Errc::damaged_backup, "'bad.xml' is not what it was"};
    fixture.verification.full = true;
    ASSERT_EQ(verdict_of(fixture, "older"), Reason::over_max_backups);
    fixture.start();
    auto const id = fixture.verify("bad");
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.alerts.bad_backups.size(), 1U);
    ASSERT_FALSE(fixture.catalog.manifests["bad"].damage);
    EXPECT_EQ(verdict_of(fixture, "older"), Reason::other_copy_damaged);
    EXPECT_EQ(fixture.get(fixture.engine->submit_restore("bad", "B")).error().code, Errc::damaged_backup);
    EXPECT_EQ(fixture.verifier->find(id)->outcome, Outcome::failed) << "a full share delays no end";
    EXPECT_NE(fixture.journal.jobs[id].phase, core::Phase::finished);
    auto const other = fixture.verify("newest");
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.journal.jobs[other].outcome, Outcome::succeeded) << "it delays no other verification";

    fixture.stop();
    fixture.shown.set("bad", std::nullopt);
    fixture.start();
    EXPECT_EQ(verdict_of(fixture, "older"), Reason::other_copy_damaged) << "after a restart too";
    fixture.verification.full = false;
    EXPECT_EQ(fixture.ended(id).outcome, Outcome::failed);
    EXPECT_TRUE(fixture.catalog.manifests["bad"].damage);
    EXPECT_THAT(fixture.verifier->unfinished_jobs(), IsEmpty());
    EXPECT_EQ(fixture.alerts.bad_backups.size(), 1U);
}

TEST(Verifying, ClearedDamageIsForgottenAlthoughItsMarkWasNeverWritten) {
    Fixture fixture;
    fixture.settings.policy = {false, false, {}};
    fixture.add_backup("bad");
    fixture.verification.bad_structure["bad"] = Error{Errc::damaged_backup, "it is not what it was"};
    fixture.verification.full = true;
    fixture.start();
    auto const found = fixture.verify("bad", Level::structure);
    fixture.time.run_for(1min);
    fixture.verification.bad_structure.clear();
    auto const again = fixture.verify("bad", Level::structure);
    EXPECT_EQ(fixture.ended(again).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.ended(found).outcome, Outcome::failed);
    fixture.verification.full = false;
    fixture.time.run_for(10min);
    EXPECT_FALSE(fixture.catalog.manifests["bad"].damage);
    EXPECT_EQ(fixture.get(fixture.engine->list_backups())->front().state, core::BackupState::complete);
}

TEST(Verifying, AReadErrorIsReportedButIsNotDamageAndIsRetriedTheNextDay) {
    Fixture fixture;
    fixture.add_backup("a");
    fixture.verification.bad_content["a"] = Error{Errc::io, "reading 'disk.qcow2': Input/output error"};
    fixture.start();
    fixture.time.run_for(20min);
    EXPECT_THAT(fixture.alerts.bad_backups, ElementsAre("a: "));
    EXPECT_FALSE(fixture.catalog.manifests["a"].damage);
    fixture.verification.bad_content.clear();
    fixture.time.run_for(20h);
    EXPECT_EQ(fixture.level_of("a"), "structure");
    fixture.time.run_for(6h);
    EXPECT_EQ(fixture.level_of("a"), "content");
}

TEST(Verifying, TheOldestVerificationIsRepeatedFirst) {
    Fixture fixture;
    fixture.settings.policy.reread_every = config::CivilDuration{30, 0s};
    fixture.add_backup("a", 240h);
    fixture.add_backup("b", 24h);
    fixture.start();
    fixture.time.run_for(24h);
    ASSERT_EQ(fixture.level_of("a"), "content");
    ASSERT_EQ(fixture.level_of("b"), "content");
    fixture.verification.started.clear();
    fixture.time.run_for(24h * 30);
    EXPECT_THAT(fixture.verification.started, ElementsAre("b at 0", "a at 0"));
    EXPECT_EQ(fixture.level_of("a"), "reread");
}

TEST(Verifying, WhatCannotBeVerifiedIsRefused) {
    Fixture fixture;
    fixture.settings.policy = {false, false, {}};
    fixture.add_backup("a");
    fixture.catalog.folders.insert("no manifest");
    fixture.start();
    EXPECT_EQ(fixture.get(fixture.verifier->submit({"none"}, Level::content)).error().code, Errc::not_found);
    EXPECT_EQ(fixture.get(fixture.verifier->submit({"no manifest"}, Level::content)).error().code, Errc::refused);
    EXPECT_EQ(fixture.get(fixture.verifier->submit({"a"}, Level::reread)).error().code, Errc::refused);
    EXPECT_THAT(fixture.get(fixture.verifier->submit({}, Level::reread)).value(), IsEmpty());
    auto const id = fixture.verify("a");
    EXPECT_EQ(fixture.verify("a"), id) << "the same again joins it";
    EXPECT_EQ(fixture.get(fixture.verifier->submit({"a"}, Level::structure)).error().code, Errc::refused);
    EXPECT_EQ(fixture.ended(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.ended(fixture.verify("a", Level::reread)).outcome, Outcome::succeeded);
}

TEST(Verifying, ADamagedBackupIsNotRestoredUnlessForced) {
    Fixture fixture;
    fixture.add_backup("bad");
    fixture.catalog.manifests["bad"].damage = core::Damage{"reread", fixture.time.now(), "it is not what it was"};
    auto const refused = fixture.get(fixture.engine->submit_restore("bad", "B"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::damaged_backup);
    auto const forced = fixture.get(fixture.engine->submit_restore("bad", "B", true));
    ASSERT_TRUE(forced) << forced.error().context;
    EXPECT_EQ(fixture.ended(forced->id).outcome, Outcome::succeeded);
}

TEST(Verifying, ABackupFoundDamagedWhileItsRestoreWaitsIsNotRestored) {
    Fixture fixture;
    fixture.stop();
    fixture.stop_engine();
    fixture.start_engine(1);
    fixture.start();
    core::Vm vm;
    vm.uuid = VmUuid{"v"};
    vm.name = "V";
    vm.disks.push_back({DiskUuid{"d"}, "VIRTIO_DISK", 1 << 20, 1 << 20});
    fixture.cluster.vms.push_back(vm);
    fixture.backup("V", "holds the only slot");
    fixture.add_backup("bad");
    auto const waits = fixture.get(fixture.engine->submit_restore("bad", "B"));
    ASSERT_TRUE(waits);
    fixture.catalog.manifests["bad"].damage = core::Damage{"reread", fixture.time.now(), "it is not what it was"};
    auto const job = fixture.ended(waits->id);
    EXPECT_EQ(job.outcome, Outcome::failed);
    EXPECT_EQ(job.error->code, Errc::damaged_backup);
}

}  // namespace
}  // namespace sb::test
