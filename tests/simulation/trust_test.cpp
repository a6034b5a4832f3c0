// What a manifest in the share claims decides nothing: which backups count is the journal's word.
#include "daemon/core/verification.hpp"
#include "daemon/engine/trusted_verification.hpp"
#include "tests/simulation/trust_fixture.hpp"
#include "tests/simulation/verify_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>

namespace sb::test {
namespace {

using core::ConditionKind;
using core::Reason;
using core::TrustSource;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct Trust : TwoTrustedVms {
    /// At 18:00 of a night in which both have been exported: both would be due without their copies.
    void lose_the_journal_in_the_evening() {
        first_night();
        fixture.lose_the_journal();
    }
};

}  // namespace

TEST_F(Trust, ABackupThatAJobMadeCountsAndHasARow) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    EXPECT_FALSE(fixture.is_claim(name));
    EXPECT_EQ(fixture.journal.trusted.size(), 2u);
    EXPECT_FALSE(fixture.condition(ConditionKind::backups_not_known));
    fixture.run_until_clock(16h);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u) << "none is due";
}

TEST_F(Trust, APlantedManifestMakesNoVmSeemBackedUp) {
    first_night();
    fixture.run_until_clock(16h + 59min);
    fixture.plant("planted", fixture.only_backup_of("A"), fixture.time.now() + 2min);
    fixture.run_until_clock(18h);
    EXPECT_EQ(fixture.cluster.runs.size(), 4u) << "both are exported in the second night";
    auto const condition = fixture.condition(ConditionKind::backups_not_known);
    ASSERT_TRUE(condition);
    EXPECT_THAT(condition->reason, HasSubstr("'planted'"));
}

TEST_F(Trust, AnEditedManifestOfAKnownBackupMakesItNoNewer) {
    first_night();
    fixture.run_until_clock(16h + 59min);
    auto& manifest = fixture.catalog.manifests.at(fixture.only_backup_of("A"));
    manifest.started = manifest.completed = fixture.time.now() + 2min;
    fixture.scheduler->folders_changed();
    fixture.run_until_clock(18h);
    EXPECT_EQ(fixture.cluster.runs.size(), 4u);
}

TEST_F(Trust, AManifestFromWhichTheMarkOfDamageWasRemovedMakesABadCopyCountNoMore) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    FakeVerification files{fixture.catalog};
    engine::TrustedVerification verification{std::shared_ptr<ports::Verification>(std::shared_ptr<void>(), &files),
                                             fixture.shown, fixture.trusted};
    core::Damage const damage{"content", fixture.time.now(), "bytes have changed"};
    ASSERT_TRUE(fixture.get(verification.record_damage(name, damage)));
    fixture.catalog.manifests.at(name).damage.reset();
    auto const state = [&] { return fixture.get(fixture.shown.find(name)).value().state; };
    EXPECT_EQ(state(), core::BackupState::damaged);
    fixture.stop();
    fixture.start();
    EXPECT_EQ(state(), core::BackupState::damaged) << "a restart does not forget it";
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.cluster.runs.size(), 3u) << "its VM is exported again";

    EXPECT_FALSE(fixture.get(verification.record_structure(name, fixture.time.now())).value());
    EXPECT_EQ(state(), core::BackupState::damaged) << "tables say nothing about the content";
    auto const reading = fixture.get(verification.begin_reading(name, fixture.time.now())).value();
    EXPECT_TRUE(fixture.get(reading->finish(fixture.time.now())).value().cleared);
    EXPECT_EQ(state(), core::BackupState::complete);
    EXPECT_TRUE(
        std::ranges::none_of(fixture.journal.trusted, [](auto const& row) { return row.second.damage.has_value(); }));
}

TEST_F(Trust, AJournalThatCannotBeWrittenDoesNotKeepDamageOutOfTheManifestAndIsTriedAgain) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    FakeVerification files{fixture.catalog};
    engine::TrustedVerification verification{std::shared_ptr<ports::Verification>(std::shared_ptr<void>(), &files),
                                             fixture.shown, fixture.trusted};
    core::Damage const damage{"content", fixture.time.now(), "bytes have changed"};
    fixture.journal.full = true;
    EXPECT_FALSE(fixture.get(verification.record_damage(name, damage)));
    EXPECT_TRUE(fixture.catalog.manifests.at(name).damage);
    fixture.journal.full = false;
    EXPECT_TRUE(fixture.get(verification.record_damage(name, damage)));
    fixture.catalog.manifests.at(name).damage.reset();
    EXPECT_EQ(fixture.get(fixture.shown.find(name)).value().state, core::BackupState::damaged);
}

TEST_F(Trust, AManifestThatClaimsASeenEndOrAPersonsWordMakesNoUncertainCopyCount) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    auto row = *fixture.trusted.find(fixture.catalog.manifests.at(name));
    EXPECT_EQ(row.end, core::ExportEnd::seen);
    row.end = core::ExportEnd::inferred;
    ASSERT_TRUE(fixture.get(fixture.trusted.add(row)));
    fixture.catalog.manifests.at(name).end = core::ExportEnd::seen;
    fixture.catalog.manifests.at(name).accepted = fixture.time.now();
    auto const is_known = [&] { return core::is_end_known(*fixture.get(fixture.shown.find(name)).value().manifest); };
    EXPECT_FALSE(is_known());
    ASSERT_TRUE(fixture.get(fixture.shown.accept(name)));
    EXPECT_TRUE(is_known()) << "by order";
    fixture.stop();
    fixture.start();
    EXPECT_TRUE(is_known());
}

TEST_F(Trust, AJobThatOnlyAManifestNamesIsNotTheLastSuccessWhileTheJournalHasAnother) {
    first_night();
    auto const last = fixture.engine->last_success();
    ASSERT_TRUE(last);
    core::Job planted;
    planted.kind = core::JobKind::backup;
    planted.vm = fixture.cluster.vms.front().uuid;
    planted.attempt = "ffffffff";
    planted.phase = core::Phase::finished;
    planted.outcome = core::Outcome::succeeded;
    planted.finished = fixture.time.now() + 1000h;
    planted.is_claim = true;
    ASSERT_TRUE(fixture.get(fixture.journal.rebuild_history({planted}, "")));
    fixture.stop();
    fixture.start();
    EXPECT_EQ(fixture.engine->last_success(), last);
}

TEST_F(Trust, NoBackupIsSurplusBecauseOfAPlantedOne) {
    fixture.settings.policy.max_backups = 1;
    first_night();
    auto const good = fixture.only_backup_of("A");
    fixture.plant("planted", good, fixture.time.now());
    EXPECT_TRUE(verdict_of(good).keep);
    EXPECT_EQ(verdict_of(good).rule, core::Rule::none) << "it is the only one that counts";
    EXPECT_EQ(verdict_of("planted").reason, Reason::not_known);
    EXPECT_TRUE(verdict_of("planted").keep) << "a person may have put it there";
}

TEST_F(Trust, NoBackupIsSurplusBecauseOfOneThatWasPlantedBeforeTheJournalWasLost) {
    fixture.settings.policy.max_backups = 1;
    lose_the_journal_in_the_evening();
    auto const good = fixture.only_backup_of("A");
    fixture.plant("planted", good, fixture.time.now());
    fixture.start();
    fixture.time.run_for(30min);
    ASSERT_FALSE(fixture.is_claim("planted")) << "it has passed the check";
    ASSERT_FALSE(fixture.is_claim(good));
    EXPECT_TRUE(verdict_of(good).keep);
    EXPECT_EQ(verdict_of(good).reason, Reason::no_verified_newer);
}

TEST_F(Trust, APlantedCopyOfTheSameExportTakesTheTrueOnesPlaceNot) {
    fixture.settings.policy.max_backups = 1;
    first_night();
    auto const good = fixture.only_backup_of("A");
    auto manifest = fixture.catalog.manifests.at(good);
    manifest.backup = "!";  // sorts before all others
    fixture.catalog.manifests["!"] = manifest;
    fixture.catalog.folders.insert("!");
    fixture.scheduler->folders_changed();
    EXPECT_NE(verdict_of(good).reason, Reason::renamed_by_hand);
    EXPECT_NE(verdict_of("!").reason, Reason::within_rules);
    fixture.run_until_clock(16h);
    fixture.run_until_clock(23h);
    EXPECT_FALSE(fixture.catalog.manifests.contains(good)) << "retention is not stopped either";
}

TEST_F(Trust, APlantedBackupOfTerabytesMakesNoVmTooLarge) {
    first_night();
    fixture.run_until_clock(16h);
    fixture.catalog.room = {std::uint64_t{1} << 40, std::uint64_t{2} << 40};
    fixture.plant("planted", fixture.only_backup_of("A"), fixture.time.now());
    fixture.catalog.size["planted"] = std::uint64_t{4} << 40;
    fixture.run_until_clock(18h);
    EXPECT_EQ(fixture.cluster.runs.size(), 4u);
}

TEST_F(Trust, WithANewJournalTheNewestBackupOfEachVmIsCheckedBeforeAScheduledExportStarts) {
    lose_the_journal_in_the_evening();
    fixture.check_takes = 10min;
    fixture.start();
    fixture.time.run_for(5min);
    EXPECT_THAT(fixture.claims->why_exports_wait(), HasSubstr("0 of 2 checked"));
    EXPECT_TRUE(fixture.condition(ConditionKind::backups_being_checked));
    fixture.time.run_for(10min);
    EXPECT_THAT(fixture.claims->why_exports_wait(), HasSubstr("1 of 2 checked"));
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
    fixture.time.run_for(2h);
    EXPECT_EQ(fixture.claims->why_exports_wait(), "");
    EXPECT_THAT(fixture.cluster.runs, IsEmpty()) << "the copies of this night count";
    EXPECT_FALSE(fixture.condition(ConditionKind::backups_being_checked));
    EXPECT_FALSE(fixture.condition(ConditionKind::backups_not_known));
    ASSERT_EQ(fixture.journal.trusted.size(), 2u);
    for (auto const& [key, copy] : fixture.journal.trusted) EXPECT_EQ(copy.source, TrustSource::check);
    EXPECT_EQ(fixture.journal.facts["claims"], "checked");
}

TEST_F(Trust, OlderCopiesAreCheckedInTheBackgroundAndKeepNoExportWaiting) {
    first_night();
    auto const older = fixture.only_backup_of("A");
    fixture.run_until_clock(16h);
    fixture.run_until_clock(18h);  // the second night
    fixture.lose_the_journal();
    fixture.cluster.add_vm("C");
    fixture.check_takes = 20min;
    fixture.start();
    fixture.time.run_for(50min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u) << "C is exported while older copies are checked";
    EXPECT_EQ(fixture.checked.size(), 3u);
    EXPECT_THAT(fixture.checked[2], HasSubstr(older.substr(0, 10))) << "the newest of each VM came first";
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.journal.trusted.size(), 5u);
}

TEST_F(Trust, ACopyThatFailsTheCheckDoesNotCountAndItsVmIsExported) {
    lose_the_journal_in_the_evening();
    auto const bad = fixture.only_backup_of("A");
    fixture.bad_structure.insert({bad, Error{Errc::damaged_backup, "a table lies outside the file"}});
    fixture.start();
    fixture.time.run_for(30min);
    ASSERT_EQ(fixture.cluster.runs.size(), 1u);
    EXPECT_EQ(fixture.cluster.runs[0].vm_name, "A");
    EXPECT_TRUE(fixture.is_claim(bad));
    auto const condition = fixture.condition(ConditionKind::backups_not_known);
    ASSERT_TRUE(condition);
    EXPECT_THAT(condition->reason, HasSubstr("1 backup not known"));
}

TEST_F(Trust, AReadErrorIsTriedAgainAMinuteLater) {
    lose_the_journal_in_the_evening();
    auto const name = fixture.only_backup_of("A");
    fixture.bad_structure.insert({name, Error{Errc::io, "Input/output error"}});
    fixture.start();
    fixture.time.run_for(30s);
    fixture.bad_structure.clear();
    fixture.time.run_for(5min);
    EXPECT_FALSE(fixture.is_claim(name));
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
}

TEST_F(Trust, AFolderThatIsSilentAtTheFirstLookIsCheckedOnceItAnswers) {
    lose_the_journal_in_the_evening();
    auto const name = fixture.only_backup_of("A");
    fixture.catalog.hanging = {name};
    fixture.start();
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.claims->why_exports_wait(), "");
    fixture.catalog.hanging.clear();
    EXPECT_TRUE(fixture.is_claim(name));
    fixture.time.run_for(15min);
    EXPECT_THAT(fixture.checked, Contains(name));
    EXPECT_FALSE(fixture.is_claim(name));
    EXPECT_EQ(fixture.journal.facts["claims"], "checked");
}

TEST_F(Trust, AFolderThatIsSilentForADayCountsAfterItIsAdopted) {
    lose_the_journal_in_the_evening();
    auto const name = fixture.only_backup_of("A");
    fixture.catalog.hanging = {name};
    fixture.start();
    fixture.time.run_for(25h);
    EXPECT_EQ(fixture.journal.facts["claims"], "checked");
    fixture.catalog.hanging.clear();
    fixture.time.run_for(1h);
    EXPECT_TRUE(fixture.is_claim(name));
    EXPECT_TRUE(fixture.condition(ConditionKind::backups_not_known));
}

TEST_F(Trust, AFileThatChangesDuringTheCheckIsNoProof) {
    lose_the_journal_in_the_evening();
    auto const name = fixture.only_backup_of("A");
    fixture.check_takes = 10s;
    fixture.start();
    fixture.time.run_for(5s);
    ASSERT_THAT(fixture.checked, Contains(name));
    fixture.catalog.states[name] = "disk.qcow2 1 2 3 4.0 5.0\n";
    fixture.time.run_for(20s);
    EXPECT_TRUE(fixture.is_claim(name));
    fixture.time.run_for(5min);
    EXPECT_FALSE(fixture.is_claim(name)) << "it was checked again";
}

TEST_F(Trust, AHangingCheckKeepsTheScheduleForTwoHoursAtMost) {
    lose_the_journal_in_the_evening();
    fixture.check_takes = 100h;
    fixture.start();
    fixture.time.run_for(1h + 50min);
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u) << "an export too many is better than none";
}

TEST_F(Trust, WithAnEmptyLocalPathNothingIsWaitedFor) {
    fixture.run_until_clock(18h);
    fixture.start();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
    EXPECT_FALSE(fixture.condition(ConditionKind::backups_being_checked));
}

TEST_F(Trust, WhatAppearsLaterIsNotCheckedAndCountsOnceItIsAdopted) {
    first_night();
    auto const like = fixture.only_backup_of("A");
    fixture.plant("brought back", like, fixture.time.now() - 24h);
    fixture.time.run_for(1h);
    EXPECT_TRUE(fixture.is_claim("brought back"));
    EXPECT_THAT(fixture.checked, IsEmpty());
    ASSERT_TRUE(fixture.get(fixture.claims->adopt("brought back")));
    EXPECT_THAT(fixture.checked, ElementsAre("brought back"));
    EXPECT_FALSE(fixture.is_claim("brought back"));
    fixture.time.run_for(15min);
    EXPECT_FALSE(fixture.condition(ConditionKind::backups_not_known));
    fixture.stop();
    fixture.start();
    EXPECT_FALSE(fixture.is_claim("brought back")) << "a restart does not forget it";
}

TEST_F(Trust, ABackupThatFailsItsCheckIsNotAdopted) {
    first_night();
    fixture.plant("brought back", fixture.only_backup_of("A"), fixture.time.now() - 24h);
    fixture.bad_structure.insert({"brought back", Error{Errc::damaged_backup, "no L1 table"}});
    auto const adopted = fixture.get(fixture.claims->adopt("brought back"));
    ASSERT_FALSE(adopted);
    EXPECT_THAT(adopted.error().context, HasSubstr("no L1 table"));
    EXPECT_TRUE(fixture.is_claim("brought back"));
}

TEST_F(Trust, ACopyOfAManifestWithAnotherNameIsNoSecondRestorePoint) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    auto manifest = fixture.catalog.manifests.at(name);
    manifest.backup = "copy";
    fixture.catalog.manifests["copy"] = manifest;
    fixture.catalog.folders.insert("copy");
    EXPECT_TRUE(fixture.is_claim("copy"));
    EXPECT_FALSE(fixture.is_claim(name));
}

TEST_F(Trust, ABackupThatIsMissingForAWeekIsForgottenAndOneThatComesBackBeforeIsNot) {
    first_night();
    auto const a = fixture.only_backup_of("A");
    auto const b = fixture.only_backup_of("B");
    auto look = [this](std::set<std::string> trash) {
        auto backups = fixture.get(fixture.shown.list()).value();
        ASSERT_TRUE(fixture.get(fixture.trusted.note_existing(std::move(backups), std::move(trash))));
    };
    auto const kept = fixture.catalog.manifests;
    fixture.catalog.manifests.clear();
    fixture.catalog.folders.clear();
    look({b});
    fixture.time.jump_wall_clock(6 * 24h);
    look({b});
    EXPECT_EQ(fixture.journal.trusted.size(), 2u);
    fixture.catalog.manifests = kept;
    for (auto const& [name, manifest] : kept) fixture.catalog.folders.insert(name);
    look({});
    fixture.time.jump_wall_clock(6 * 24h);
    look({});
    EXPECT_EQ(fixture.journal.trusted.size(), 2u);
    fixture.catalog.manifests.erase(a);
    fixture.catalog.folders.erase(a);
    look({});
    fixture.time.jump_wall_clock(8 * 24h);
    look({});
    ASSERT_EQ(fixture.journal.trusted.size(), 1u);
    EXPECT_EQ(fixture.journal.trusted.begin()->second.backup, b);
}

}  // namespace sb::test
