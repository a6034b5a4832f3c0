// What the journal vouches for, and what is only claimed.
#include "daemon/core/retention.hpp"
#include "daemon/core/trusted_copy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::core {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

UtcTime at(std::chrono::seconds time) { return UtcTime(time); }

Job succeeded() {
    Job job;
    job.id = 7;
    job.vm = VmUuid("u1");
    job.backup = "night A";
    job.attempt = "0a1b2c3d";
    job.scheduled = true;
    job.size_bytes = 4096;
    job.phase = Phase::finished;
    job.outcome = Outcome::succeeded;
    job.queued = at(90s);
    job.posted = at(100s);
    job.finished = at(200s);
    return job;
}

Backup backup_of(std::string const& name, std::string const& vm, std::chrono::seconds started) {
    Backup backup{.name = name, .folder = name, .state = BackupState::complete, .manifest = Manifest{}};
    backup.manifest->backup = name;
    backup.manifest->vm_uuid = VmUuid(vm);
    backup.manifest->scheduled = true;
    backup.manifest->started = at(started);
    return backup;
}

Backup claim_of(std::string const& name, std::string const& vm, std::chrono::seconds started) {
    auto backup = backup_of(name, vm, started);
    backup.is_claim = true;
    return backup;
}

}  // namespace

TEST(TrustedCopy, AJobVouchesForItsBackupFromTheMomentItHasItsName) {
    auto job = succeeded();
    auto const copy = trusted_by(job);
    ASSERT_TRUE(copy);
    EXPECT_EQ(copy->backup, "night A");
    EXPECT_EQ(copy->started, at(100s));
    EXPECT_EQ(copy->size_bytes, 4096u);
    EXPECT_TRUE(copy->scheduled);
    job.phase = Phase::post_hook;
    job.outcome = Outcome::none;
    EXPECT_TRUE(trusted_by(job)) << "its hook still runs";
}

TEST(TrustedCopy, AJobThatMadeNoBackupVouchesForNone) {
    for (auto const outcome : {Outcome::failed, Outcome::lost, Outcome::cancelled}) {
        auto job = succeeded();
        job.outcome = outcome;
        EXPECT_FALSE(trusted_by(job)) << name_of(outcome);
    }
    auto committing = succeeded();
    committing.phase = Phase::committing;
    committing.outcome = Outcome::none;
    EXPECT_FALSE(trusted_by(committing));
    auto restore = succeeded();
    restore.kind = JobKind::restore;
    EXPECT_FALSE(trusted_by(restore));
}

TEST(TrustedCopy, AManifestIsKnownByAttemptJobVmAndName) {
    auto const copy = *trusted_by(succeeded());
    Manifest manifest;
    manifest.backup = "night A";
    manifest.attempt = "0a1b2c3d";
    manifest.job = 7;
    manifest.vm_uuid = VmUuid("u1");
    EXPECT_EQ(trust_key(manifest), trust_key(copy));
    auto other = manifest;
    other.backup = "night B";
    EXPECT_NE(trust_key(other), trust_key(copy)) << "a copy whose manifest was edited is no second restore point";
    other = manifest;
    other.vm_uuid = VmUuid("u2");
    EXPECT_NE(trust_key(other), trust_key(copy));
}

TEST(TrustedCopy, WhatTheJournalKnowsReplacesWhatTheManifestSays) {
    auto backup = backup_of("night A", "u1", 5000s);
    backup.manifest->scheduled = false;
    auto const copy = *trusted_by(succeeded());
    judge(backup, &copy);
    EXPECT_FALSE(backup.is_claim);
    EXPECT_EQ(backup.manifest->started, at(100s));
    EXPECT_TRUE(backup.manifest->scheduled);
    EXPECT_EQ(backup.known_bytes, 4096u);
    EXPECT_EQ(backup.problem, "");
}

TEST(TrustedCopy, ProtectionIsTheJournalsWordUnlessItsRowIsOfAnEarlierVersion) {
    auto backup = backup_of("night A", "u1", 5000s);
    auto copy = *trusted_by(succeeded());
    backup.manifest->is_protected = true;
    EXPECT_EQ(trusted_as_claimed(backup, TrustSource::adoption, at(0s)).is_protected, true);
    judge(backup, &copy);
    EXPECT_FALSE(backup.manifest->is_protected);
    copy.is_protected = true;
    judge(backup, &copy);
    EXPECT_TRUE(backup.manifest->is_protected);
    copy.is_protected.reset();
    judge(backup, &copy);
    EXPECT_TRUE(backup.manifest->is_protected);
}

TEST(TrustedCopy, AProofIsThatOfTheJobAndARowWithoutOneIsShown) {
    auto backup = backup_of("night A", "u1", 5000s);
    auto job = succeeded();
    job.end = ExportEnd::seen;
    auto copy = *trusted_by(job);
    EXPECT_TRUE(is_unproven(copy));
    judge(backup, &copy);
    EXPECT_NE(backup.problem.find("never proven"), std::string::npos) << backup.problem;
    job.proof = "disk.qcow2 4096 11.1 11.2\n";
    copy = *trusted_by(job);
    EXPECT_EQ(copy.proof, job.proof);
    EXPECT_FALSE(is_unproven(copy));
    copy.proof.clear();
    copy.end.reset();
    EXPECT_FALSE(is_unproven(copy)) << "of an earlier version: its proof is taken when it is first seen";
}

TEST(TrustedCopy, AManifestThatNamesOtherFilesThanTheProofIsDamage) {
    auto backup = backup_of("night A", "u1", 5000s);
    backup.state = BackupState::complete;
    backup.manifest_digest = "bbbb";
    auto copy = *trusted_by(succeeded());
    copy.proof = "disk.qcow2 4096 11.1 11.2\n";
    judge(backup, &copy);
    EXPECT_EQ(backup.state, BackupState::complete) << "a proof of an earlier version does not say what it named";
    copy.proof += "/manifest bbbb\n";
    judge(backup, &copy);
    EXPECT_EQ(backup.state, BackupState::complete);
    copy.proof = "disk.qcow2 4096 11.1 11.2\n/manifest aaaa\n";
    judge(backup, &copy);
    EXPECT_EQ(backup.state, BackupState::damaged);
    EXPECT_NE(backup.problem.find("was edited or replaced"), std::string::npos) << backup.problem;
}

TEST(TrustedCopy, HowAnExportEndedAndWhetherAPersonAcceptedItIsTheJournalsWord) {
    auto job = succeeded();
    job.end = ExportEnd::inferred;
    auto copy = *trusted_by(job);
    EXPECT_EQ(copy.end, ExportEnd::inferred);
    auto backup = backup_of("night A", "u1", 100s);
    backup.manifest->end = ExportEnd::seen;
    backup.manifest->accepted = at(300s);
    auto edited = backup;
    judge(edited, &copy);
    EXPECT_FALSE(is_end_known(*edited.manifest));
    copy.accepted = at(400s);
    edited = backup;
    judge(edited, &copy);
    EXPECT_EQ(edited.manifest->accepted, at(400s));
    EXPECT_TRUE(is_end_known(*edited.manifest));
    copy.end.reset();  // of an earlier version
    edited = backup;
    judge(edited, &copy);
    EXPECT_EQ(edited.manifest->accepted, at(300s));
}

TEST(TrustedCopy, ACopyThatWasOnlyCheckedIsNoneThatADeletionReliesOn) {
    auto copy = *trusted_by(succeeded());
    auto backup = backup_of("night A", "u1", 100s);
    backup.manifest->verified = Verified{"content", at(200s)};
    judge(backup, &copy);
    EXPECT_TRUE(stored_of(backup).verified);
    copy.source = TrustSource::check;
    judge(backup, &copy);
    EXPECT_FALSE(stored_of(backup).verified);
    copy.source = TrustSource::adoption;
    judge(backup, &copy);
    EXPECT_TRUE(stored_of(backup).verified);
}

TEST(TrustedCopy, DamageThatTheJournalKnowsCannotBeHiddenByAManifest) {
    auto copy = *trusted_by(succeeded());
    copy.damage = Damage{"content", at(500s), "bytes have changed"};
    auto backup = backup_of("night A", "u1", 100s);
    judge(backup, &copy);
    EXPECT_EQ(backup.state, BackupState::damaged);
    EXPECT_EQ(backup.manifest->damage, copy.damage);
    EXPECT_NE(backup.problem.find("bytes have changed"), std::string::npos) << backup.problem;
    auto marked = backup_of("night A", "u1", 100s);
    marked.state = BackupState::damaged;
    marked.manifest->damage = Damage{"reread", at(900s), "of another installation"};
    auto const manifest = marked.manifest;
    copy.damage.reset();
    judge(marked, &copy);
    EXPECT_EQ(marked.state, BackupState::damaged);
    EXPECT_EQ(marked.manifest->damage, manifest->damage);
}

TEST(TrustedCopy, ABackupThatTheJournalDoesNotKnowIsAClaimAndSaysSo) {
    auto backup = backup_of("night A", "u1", 5000s);
    judge(backup, nullptr);
    EXPECT_TRUE(backup.is_claim);
    EXPECT_NE(backup.problem.find("adopt"), std::string::npos) << backup.problem;
}

/// It may be a good backup that was damaged, and keeps the others of its VM from being deleted.
TEST(TrustedCopy, AFolderWithoutAReadableManifestIsNoClaim) {
    Backup backup{.name = "x", .state = BackupState::damaged};
    backup.presumed_vm = VmUuid("u1");
    judge(backup, nullptr);
    EXPECT_FALSE(backup.is_claim);
}

TEST(ClaimsToCheck, TheScheduleWaitsForTheNewestScheduledCopyOfEachVm) {
    auto manual = claim_of("by hand", "u1", 400s);
    manual.manifest->scheduled = false;
    auto const claims = claims_to_check(
        {claim_of("old", "u1", 100s), claim_of("new", "u1", 300s), manual, claim_of("other", "u2", 50s)}, {},
        at(1000s));
    EXPECT_THAT(claims.urgent, ElementsAre("new", "other"));
    EXPECT_THAT(claims.later, ElementsAre("by hand", "old"));
}

TEST(ClaimsToCheck, ANewerCopyThatIsKnownLeavesNothingToWaitFor) {
    auto const claims = claims_to_check({claim_of("old", "u1", 100s), backup_of("new", "u1", 300s)}, {}, at(1000s));
    EXPECT_THAT(claims.urgent, IsEmpty());
    EXPECT_THAT(claims.later, ElementsAre("old"));
}

TEST(ClaimsToCheck, AfterThreeFailuresOfAVmTheScheduleWaitsNoLonger) {
    std::vector<Backup> backups;
    for (int i = 1; i <= 5; ++i) backups.push_back(claim_of(std::to_string(i), "u1", std::chrono::seconds(i)));
    EXPECT_THAT(claims_to_check(backups, {"5", "4"}, at(1000s)).urgent, ElementsAre("3"));
    EXPECT_THAT(claims_to_check(backups, {"5", "4", "3"}, at(1000s)).urgent, IsEmpty());
}

TEST(ClaimsToCheck, WhatIsDatedInTheFutureOrWasRenamedOrIsDamagedIsNotWaitedFor) {
    auto renamed = claim_of("renamed", "u1", 100s);
    renamed.manifest->backup = "another";
    auto damaged = claim_of("damaged", "u2", 100s);
    damaged.state = BackupState::damaged;
    auto const claims = claims_to_check({claim_of("future", "u3", 5000s), renamed, damaged}, {}, at(1000s));
    EXPECT_THAT(claims.urgent, IsEmpty());
    EXPECT_THAT(claims.later, ElementsAre("future"));
}

TEST(TrustedCopy, EachSourceHasItsName) {
    for (auto const source : {TrustSource::job, TrustSource::adoption, TrustSource::check})
        EXPECT_EQ(trust_source_from_name(name_of(source)), source);
    EXPECT_FALSE(trust_source_from_name("manifest"));
}

}  // namespace sb::core
