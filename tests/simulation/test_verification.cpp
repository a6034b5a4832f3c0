#include "daemon/core/retention.hpp"
#include "tests/simulation/verify_bench.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace sb::test {
namespace {

using core::Level;
using core::Outcome;
using core::Reason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Bench = VerifyBench;

TEST(Verifying, EachNewBackupIsReadByItselfOnceTheWindowIsShut) {
    Bench bench;
    bench.time.jump_wall_clock(8h);  // 20:00, exports run
    bench.add_backup("new", 1h);
    bench.start();
    bench.time.run_for(9h);
    EXPECT_EQ(bench.level_of("new"), "structure") << "05:00: still open";
    bench.time.run_for(2h);
    EXPECT_EQ(bench.level_of("new"), "content");
    EXPECT_THAT(bench.alerts.good_backups, ElementsAre("new"));
}

TEST(Verifying, WhatIsReadByItselfPausesWhenTheWindowOpensAndGoesOnAfterIt) {
    Bench bench;
    bench.time.jump_wall_clock(4h);  // 16:00
    bench.verification.size = std::uint64_t{1} << 40;  // 100 MiB/s: 2 h 55 min
    bench.add_backup("large");
    bench.start();
    bench.time.run_for(2h);
    auto const read = bench.verification.read;
    EXPECT_NEAR(static_cast<double>(read), 3600.0 * 100 * (1 << 20), 100 << 20) << "from 16:00 to 17:00";
    bench.time.run_for(11h);
    EXPECT_EQ(bench.verification.read, read);
    bench.time.run_for(4h);
    EXPECT_EQ(bench.level_of("large"), "content");
    EXPECT_EQ(bench.verification.read, bench.verification.size) << "nothing was read twice";
    EXPECT_EQ(bench.journal.jobs.size(), 1U);
}

TEST(Verifying, TheRateIsBoundedAndSomebodyWhoAsksIsServedInTheWindowToo) {
    Bench bench;
    bench.time.jump_wall_clock(8h);
    bench.add_backup("a");
    bench.start();
    auto const begin = bench.time.steady_now();
    auto const job = bench.ended(bench.verify("a"));
    EXPECT_EQ(job.outcome, Outcome::succeeded);
    EXPECT_EQ(job.percent, 100);
    auto const took = bench.time.steady_now() - begin;
    EXPECT_GE(took, 102s);  // 10 GiB at 100 MiB/s
    EXPECT_LE(took, 104s);
}

TEST(Verifying, WhoAsksGoesBeforeWhatIsDoneByItself) {
    Bench bench;
    bench.add_backup("by itself", 1h);
    bench.add_backup("asked", 48h);
    bench.start();
    bench.time.run_for(30s);
    auto const job = bench.ended(bench.verify("asked"));
    EXPECT_EQ(job.outcome, Outcome::succeeded);
    EXPECT_EQ(bench.level_of("by itself"), "structure");
    bench.time.run_for(10min);
    EXPECT_EQ(bench.level_of("by itself"), "content");
    EXPECT_THAT(bench.verification.begun, ElementsAre("by itself at 0", "asked at 0", "by itself at 2"));
}

TEST(Verifying, ARestartGoesOnUnderTheSameName) {
    Bench bench;
    bench.verification.size = std::uint64_t{100} << 30;
    bench.add_backup("a");
    bench.start();
    auto const id = bench.verify("a");
    bench.time.run_for(5min);
    auto const started = bench.journal.jobs[id].started;
    ASSERT_TRUE(started);
    bench.verification.kept[{"a", *started}] = std::uint64_t{20} << 30;  // as the marks on disk say
    bench.stop();
    bench.start();
    EXPECT_EQ(bench.ended(id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.verification.begun.back(), "a at 20");
}

TEST(Verifying, CancelStopsItAtTheNextSlice) {
    Bench bench;
    bench.settings.policy.content = false;
    bench.verification.size = std::uint64_t{1} << 40;
    bench.add_backup("a");
    bench.add_backup("b");
    bench.start();
    auto const at_work = bench.verify("a");
    auto const waiting = bench.verify("b");
    bench.time.run_for(1min);
    ASSERT_TRUE(bench.get(bench.verifier->cancel(waiting)));
    ASSERT_TRUE(bench.get(bench.verifier->cancel(at_work)));
    bench.time.run_for(2s);
    EXPECT_EQ(bench.journal.jobs[at_work].outcome, Outcome::cancelled);
    EXPECT_EQ(bench.journal.jobs[waiting].outcome, Outcome::cancelled);
    EXPECT_THAT(bench.verifier->unfinished_jobs(), IsEmpty());
    EXPECT_FALSE(bench.get(bench.verifier->cancel(at_work)));
    EXPECT_THAT(bench.alerts.bad_backups, IsEmpty());
}

TEST(Verifying, AnEndThatTheJournalCannotTakeIsShownAndRecordedOnceItCan) {
    Bench bench;
    bench.add_backup("nightly");
    bench.settings.policy = {};
    bench.start();
    auto const id = bench.verify("nightly");
    bench.time.run_for(1s);
    ASSERT_EQ(bench.journal.jobs[id].phase, core::Phase::reading);
    bench.journal.full = true;
    bench.time.run_for(1h);
    ASSERT_EQ(bench.journal.jobs[id].phase, core::Phase::reading) << "nothing could be written";
    EXPECT_TRUE(bench.verifier->unfinished_jobs().empty());
    EXPECT_EQ(bench.get(bench.engine->find_job(id))->outcome, Outcome::succeeded);
    auto const jobs = *bench.get(bench.engine->list_jobs(10));
    EXPECT_EQ(std::ranges::count(jobs, id, &core::Job::id), 1);
    bench.journal.full = false;
    bench.time.run_for(1min);
    EXPECT_EQ(bench.journal.jobs[id].outcome, Outcome::succeeded);
}

TEST(Verifying, DamageIsMarkedToldAndNotLookedForAgainByItself) {
    Bench bench;
    bench.add_backup("good", 72h);
    bench.add_backup("bad", 24h);
    bench.verification.bad_content["bad"] = Error{Errc::damaged_backup, "'disk.qcow2' is not what it was"};
    bench.start();
    bench.time.run_for(1h);
    EXPECT_THAT(bench.alerts.bad_backups, ElementsAre("bad: good"));
    ASSERT_TRUE(bench.catalog.manifests["bad"].damage);
    EXPECT_EQ(bench.catalog.manifests["bad"].damage->words, "'disk.qcow2' is not what it was");
    auto const told = std::ranges::find(bench.changes, Outcome::failed, &core::Job::outcome);
    ASSERT_NE(told, bench.changes.end());
    EXPECT_TRUE(bench.damaged_at_change[static_cast<std::size_t>(told - bench.changes.begin())])
        << "whoever hears of the job's end must see the damage";
    bench.time.run_for(72h);
    EXPECT_EQ(bench.alerts.bad_backups.size(), 1U);
    EXPECT_EQ(bench.journal.jobs.size(), 2U) << "one for each backup";
}

/// What retention would do with all backups but the newest.
Reason verdict_of(VerifyBench& bench, std::string const& name) {
    core::RetentionFacts facts;
    facts.now = bench.time.now();
    auto const backups = bench.get(bench.engine->list_backups());
    for (auto const& backup : *backups) {
        facts.backups.push_back(core::stored_of(backup));
        facts.backups.back().scheduled = true;
    }
    core::RetentionPolicy policy;
    policy.max_backups = 1;
    for (auto const& verdict : core::judge(facts, policy, bench.zone))
        if (verdict.backup == name) return verdict.reason;
    return Reason::not_a_copy;
}

TEST(Verifying, DamageWhoseMarkCannotBeWrittenIsKnownAllTheSameOverARestartToo) {
    Bench bench;
    bench.settings.policy = {false, false, {}};
    bench.add_backup("newest", 24h);
    bench.add_backup("bad", 48h);
    bench.add_backup("older", 72h);
    bench.verification.bad_structure["bad"] = Error{Errc::damaged_backup, "'bad.xml' is not what it was"};
    bench.verification.full = true;
    ASSERT_EQ(verdict_of(bench, "older"), Reason::over_max_backups);
    bench.start();
    auto const id = bench.verify("bad");
    bench.time.run_for(10min);
    EXPECT_EQ(bench.alerts.bad_backups.size(), 1U);
    ASSERT_FALSE(bench.catalog.manifests["bad"].damage);
    EXPECT_EQ(verdict_of(bench, "older"), Reason::other_copy_damaged);
    EXPECT_EQ(bench.get(bench.engine->submit_restore("bad", "B")).error().code, Errc::damaged_backup);
    EXPECT_EQ(bench.verifier->find(id)->outcome, Outcome::failed) << "nobody waits for a share that is full";
    EXPECT_NE(bench.journal.jobs[id].phase, core::Phase::finished);
    auto const other = bench.verify("newest");
    bench.time.run_for(10min);
    EXPECT_EQ(bench.journal.jobs[other].outcome, Outcome::succeeded) << "it holds up no other proof";

    bench.stop();
    bench.shown.know("bad", std::nullopt);
    bench.start();
    EXPECT_EQ(verdict_of(bench, "older"), Reason::other_copy_damaged) << "after a restart too";
    bench.verification.full = false;
    EXPECT_EQ(bench.ended(id).outcome, Outcome::failed);
    EXPECT_TRUE(bench.catalog.manifests["bad"].damage);
    EXPECT_THAT(bench.verifier->unfinished_jobs(), IsEmpty());
    EXPECT_EQ(bench.alerts.bad_backups.size(), 1U);
}

TEST(Verifying, ADamageThatWasNoneIsForgottenThoughItsMarkWasNeverWritten) {
    Bench bench;
    bench.settings.policy = {false, false, {}};
    bench.add_backup("bad");
    bench.verification.bad_structure["bad"] = Error{Errc::damaged_backup, "it is not what it was"};
    bench.verification.full = true;
    bench.start();
    auto const found = bench.verify("bad", Level::structure);
    bench.time.run_for(1min);
    bench.verification.bad_structure.clear();
    auto const again = bench.verify("bad", Level::structure);
    EXPECT_EQ(bench.ended(again).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.ended(found).outcome, Outcome::failed);
    bench.verification.full = false;
    bench.time.run_for(10min);
    EXPECT_FALSE(bench.catalog.manifests["bad"].damage);
    EXPECT_EQ(bench.get(bench.engine->list_backups())->front().state, core::BackupState::complete);
}

TEST(Verifying, AReadErrorIsToldButIsNoDamageAndIsTriedAgainTheNextDay) {
    Bench bench;
    bench.add_backup("a");
    bench.verification.bad_content["a"] = Error{Errc::io, "reading 'disk.qcow2': Input/output error"};
    bench.start();
    bench.time.run_for(20min);
    EXPECT_THAT(bench.alerts.bad_backups, ElementsAre("a: "));
    EXPECT_FALSE(bench.catalog.manifests["a"].damage);
    bench.verification.bad_content.clear();
    bench.time.run_for(20h);
    EXPECT_EQ(bench.level_of("a"), "structure");
    bench.time.run_for(6h);
    EXPECT_EQ(bench.level_of("a"), "content");
}

TEST(Verifying, OldProofsAreRepeatedTheOldestFirst) {
    Bench bench;
    bench.settings.policy.reread_every = config::CivilDuration{30, 0s};
    bench.add_backup("a", 240h);
    bench.add_backup("b", 24h);
    bench.start();
    bench.time.run_for(24h);
    ASSERT_EQ(bench.level_of("a"), "content");
    ASSERT_EQ(bench.level_of("b"), "content");
    bench.verification.begun.clear();
    bench.time.run_for(24h * 30);
    EXPECT_THAT(bench.verification.begun, ElementsAre("b at 0", "a at 0"));
    EXPECT_EQ(bench.level_of("a"), "reread");
}

TEST(Verifying, WhatCannotBeVerifiedIsRefused) {
    Bench bench;
    bench.settings.policy = {false, false, {}};
    bench.add_backup("a");
    bench.catalog.folders.insert("no manifest");
    bench.start();
    EXPECT_EQ(bench.get(bench.verifier->submit({"none"}, Level::content)).error().code, Errc::not_found);
    EXPECT_EQ(bench.get(bench.verifier->submit({"no manifest"}, Level::content)).error().code, Errc::refused);
    EXPECT_EQ(bench.get(bench.verifier->submit({"a"}, Level::reread)).error().code, Errc::refused);
    EXPECT_THAT(bench.get(bench.verifier->submit({}, Level::reread)).value(), IsEmpty());
    auto const id = bench.verify("a");
    EXPECT_EQ(bench.verify("a"), id) << "the same again joins it";
    EXPECT_EQ(bench.get(bench.verifier->submit({"a"}, Level::structure)).error().code, Errc::refused);
    EXPECT_EQ(bench.ended(id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.ended(bench.verify("a", Level::reread)).outcome, Outcome::succeeded);
}

TEST(Verifying, OfADamagedBackupNothingIsRestoredUnlessForced) {
    Bench bench;
    bench.add_backup("bad");
    bench.catalog.manifests["bad"].damage = core::Damage{"reread", bench.time.now(), "it is not what it was"};
    auto const refused = bench.get(bench.engine->submit_restore("bad", "B"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::damaged_backup);
    auto const forced = bench.get(bench.engine->submit_restore("bad", "B", true));
    ASSERT_TRUE(forced) << forced.error().context;
    EXPECT_EQ(bench.ended(forced->id).outcome, Outcome::succeeded);
}

TEST(Verifying, ABackupFoundDamagedWhileItsRestoreWaitsIsNotRestored) {
    Bench bench;
    bench.stop_engine();
    bench.start_engine(1);
    core::Vm vm;
    vm.uuid = VmUuid{"v"};
    vm.name = "V";
    vm.disks.push_back({DiskUuid{"d"}, "VIRTIO_DISK", 1 << 20, 1 << 20});
    bench.cluster.vms.push_back(vm);
    bench.backup("V", "holds the only slot");
    bench.add_backup("bad");
    auto const waits = bench.get(bench.engine->submit_restore("bad", "B"));
    ASSERT_TRUE(waits);
    bench.catalog.manifests["bad"].damage = core::Damage{"reread", bench.time.now(), "it is not what it was"};
    auto const job = bench.ended(waits->id);
    EXPECT_EQ(job.outcome, Outcome::failed);
    EXPECT_EQ(job.error->code, Errc::damaged_backup);
}

}  // namespace
}  // namespace sb::test
