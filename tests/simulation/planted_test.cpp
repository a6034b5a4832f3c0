// What a writer of the share plants or edits gains nothing: protection, the export of a failed job, and which VMs are
// gone are the journal's word.
#include "daemon/engine/trusted_verification.hpp"
#include "tests/simulation/trust_fixture.hpp"
#include "tests/simulation/verify_fixture.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>

namespace sb::test {
namespace {

using core::ConditionKind;
using core::Reason;
using core::TrustSource;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Planted : TwoTrustedVms {
    engine::TrustedVerification verification_of(FakeVerification& files) {
        return {std::shared_ptr<ports::Verification>(std::shared_ptr<void>(), &files), fixture.shown, fixture.trusted};
    }
};

}  // namespace

TEST_F(Planted, OnlyAnOrderProtectsABackupThatTheJournalKnowsAndOnlyAnOrderEndsThat) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    auto const is_protected = [&] {
        return fixture.get(fixture.shown.find(name)).value().manifest->is_protected &&
               verdict_of(name).reason == Reason::protected_by_user;
    };
    fixture.catalog.manifests.at(name).is_protected = true;
    fixture.scheduler->folders_changed();
    EXPECT_FALSE(is_protected()) << "a mark of the manifest would keep it for good";
    ASSERT_TRUE(fixture.get(fixture.shown.set_protected(name, true)));
    fixture.catalog.manifests.at(name).is_protected = false;
    fixture.stop();
    fixture.start();
    EXPECT_TRUE(is_protected()) << "who can write to the share cannot take it back";
    ASSERT_TRUE(fixture.get(fixture.shown.set_protected(name, false)));
    fixture.scheduler->folders_changed();
    EXPECT_FALSE(is_protected());
}

TEST_F(Planted, AnUndeletedBackupIsProtectedByTheJournal) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    auto const entry = fixture.get(fixture.shown.new_trash_entry()).value();
    ASSERT_TRUE(fixture.get(fixture.shown.move_to_trash(name, entry)));
    ASSERT_TRUE(fixture.get(fixture.shown.take_from_trash(entry, name, "")));
    EXPECT_EQ(fixture.trusted.find(fixture.catalog.manifests.at(name))->is_protected, true);
}

TEST_F(Planted, TheManifestsMarkOfProtectionCountsWhenTheJournalIsNew) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    ASSERT_TRUE(fixture.get(fixture.shown.set_protected(name, true)));
    fixture.lose_the_journal();
    fixture.start();
    fixture.time.run_for(30min);
    ASSERT_FALSE(fixture.is_claim(name));
    EXPECT_EQ(fixture.trusted.find(fixture.catalog.manifests.at(name))->is_protected, true);
}

TEST_F(Planted, VmsThatOnlyPlantedManifestsNameAreNotRecordedAsMissing) {
    first_night();
    fixture.plant("planted", fixture.only_backup_of("A"), fixture.time.now());
    fixture.catalog.manifests.at("planted").vm_uuid = VmUuid("99999999-0000-4000-8000-000000000000");
    fixture.scheduler->folders_changed();
    fixture.run_until_clock(16h);
    fixture.run_until_clock(18h);
    for (auto const& [name, value] : fixture.journal.facts) EXPECT_THAT(value, Not(HasSubstr("99999999-"))) << name;
}

/// The attempt can be read from the name of the landing folder.
TEST_F(Planted, AFolderWithTheAttemptOfAFailedJobDoesNotCount) {
    fixture.cluster.task_error["A"] = "Disk read error";
    fixture.start();
    fixture.run_until_clock(18h);
    fixture.plant("planted", fixture.only_backup_of("B"), fixture.time.now());
    auto& manifest = fixture.catalog.manifests.at("planted");
    for (auto const& [id, job] : fixture.journal.jobs) {
        if (job.vm_name != "A" || job.outcome != core::Outcome::failed) continue;
        manifest.job = id;
        manifest.attempt = job.attempt;
        manifest.vm_uuid = job.vm;
        manifest.vm_name = "A";
    }
    ASSERT_NE(manifest.attempt, "ffffffff");
    fixture.scheduler->folders_changed();
    fixture.time.run_for(1h);
    EXPECT_TRUE(fixture.is_claim("planted"));
    EXPECT_THAT(fixture.checked, IsEmpty());
    EXPECT_TRUE(fixture.condition(ConditionKind::backups_not_known));
}

TEST_F(Planted, AnExportOfAFailedJobThatTheCleanUpNamedCountsAfterItsCheckAndNoOtherDoes) {
    fixture.catalog.writing_fails = Error{Errc::no_space, "the disk is full"};
    fixture.start();
    fixture.run_until_clock(17h + 2min);
    fixture.catalog.writing_fails.reset();
    for (int i = 0; i < 4; ++i) fixture.run_until_clock(12h);
    std::string rescued;
    for (auto const& [name, value] : fixture.journal.facts)
        if (name.starts_with("rescued_")) rescued = name;
    ASSERT_NE(rescued, "") << "the clean-up has named it";
    EXPECT_EQ(fixture.journal.facts[rescued], "") << "used up by the check";
    std::string named;
    for (auto const& [key, copy] : fixture.journal.trusted)
        if (copy.source == TrustSource::check) named = copy.backup;
    ASSERT_NE(named, "");
    EXPECT_FALSE(fixture.is_claim(named));
    EXPECT_THAT(fixture.checked, Contains(named));
}

/// Image, digests and the manifest's checksum lie in the same folder.
TEST_F(Planted, AnImageThatWasChangedTogetherWithItsDigestsIsDamaged) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    FakeVerification files{fixture.catalog};
    auto verification = verification_of(files);
    auto const read = [&](std::string const& root) {
        files.digest_root = root;
        auto const reading = fixture.get(verification.begin_reading(name, fixture.time.now())).value();
        return fixture.get(reading->finish(fixture.time.now()));
    };
    ASSERT_TRUE(read("11"));
    ASSERT_TRUE(read("11"));
    fixture.stop();
    fixture.start();
    auto const changed = read("22");
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, Errc::damaged_backup);
    EXPECT_THAT(changed.error().context, HasSubstr("is not what it was when it was first read"));
    EXPECT_FALSE(read("22")) << "it is not taken for the first one";
    EXPECT_TRUE(read("11")) << "the true files are back";
}

TEST_F(Planted, AMismatchOfTheDigestsClearsNoDamage) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    FakeVerification files{fixture.catalog};
    auto verification = verification_of(files);
    auto const key = core::trust_key(fixture.catalog.manifests.at(name));
    ASSERT_TRUE(fixture.get(fixture.trusted.set_digest_root(key, "11")));
    core::Damage const damage{"content", fixture.time.now(), "bytes have changed"};
    ASSERT_TRUE(fixture.get(verification.record_damage(name, damage)));
    files.digest_root = "22";
    auto const reading = fixture.get(verification.begin_reading(name, fixture.time.now())).value();
    EXPECT_FALSE(fixture.get(reading->finish(fixture.time.now())));
    EXPECT_TRUE(fixture.trusted.find(fixture.catalog.manifests.at(name))->damage);
}

/// What it reads would become the proof, and there is nothing to compare it with.
TEST_F(Planted, AVerificationOfAChangedImageThatWasNeverReadBeforeDoesNotCallItGood) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    FakeVerification files{fixture.catalog};
    auto verification = verification_of(files);
    files.digest_root = "11";
    auto const during = fixture.get(verification.begin_reading(name, fixture.time.now())).value();
    fixture.catalog.states[name] = "disk.qcow2 1 3 4096 9.9 9.9\n";
    EXPECT_FALSE(fixture.get(during->finish(fixture.time.now()))) << "it was changed while it was read";
    auto const refused = fixture.get(verification.begin_reading(name, fixture.time.now()));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_THAT(refused.error().context, HasSubstr("'disk.qcow2' (modification time, change time)"));
    EXPECT_THAT(refused.error().context, HasSubstr("nothing to compare it with"));
    EXPECT_THAT(refused.error().context, HasSubstr("scale-backupctl accept"));
    EXPECT_EQ(fixture.trusted.find(fixture.catalog.manifests.at(name))->digest_root, "");
    ASSERT_TRUE(fixture.get(fixture.shown.accept(name)));
    EXPECT_TRUE(fixture.get(verification.begin_reading(name, fixture.time.now())));
}

TEST_F(Planted, AVerificationComparesAChangedImageWithTheDigestsFromBeforeTheChange) {
    first_night();
    auto const name = fixture.only_backup_of("A");
    FakeVerification files{fixture.catalog};
    auto verification = verification_of(files);
    auto const key = core::trust_key(fixture.catalog.manifests.at(name));
    ASSERT_TRUE(fixture.get(fixture.trusted.set_digest_root(key, "11")));
    fixture.catalog.states[name] = "disk.qcow2 1 3 4096 9.9 9.9\n";
    for (auto const* root : {"22", "11"}) {
        files.digest_root = root;
        auto const reading = fixture.get(verification.begin_reading(name, fixture.time.now())).value();
        EXPECT_EQ(fixture.get(reading->finish(fixture.time.now())).has_value(), root == std::string("11"));
    }
}

TEST_F(Planted, AVerificationSaysThatTheManifestNamesSomethingElse) {
    fixture.catalog.unchanged_states += "/manifest aaaa\n";
    first_night();
    auto const name = fixture.only_backup_of("A");
    FakeVerification files{fixture.catalog};
    auto verification = verification_of(files);
    fixture.catalog.manifest_digests[name] = "aaaa";
    EXPECT_TRUE(fixture.get(verification.check_structure(name, core::Level::structure)));
    fixture.catalog.manifest_digests[name] = "bbbb";
    auto const changed = fixture.get(verification.check_structure(name, core::Level::structure));
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, Errc::damaged_backup);
}

TEST_F(Planted, NoDeletionReliesOnACopyWhoseFilesWereChangedUntilItIsAccepted) {
    first_night();
    auto const older = fixture.only_backup_of("A");
    fixture.run_until_clock(16h);
    fixture.run_until_clock(23h);
    std::string newer;
    for (auto const& [name, manifest] : fixture.catalog.manifests)
        if (manifest.vm_name == "A" && name != older) newer = name;
    ASSERT_NE(newer, "");
    fixture.settings.policy.max_backups = 1;
    fixture.catalog.states[newer] = "disk.qcow2 1 3 4096 9.9 9.9\n";
    fixture.scheduler->folders_changed();
    auto const held = fixture.get(fixture.scheduler->clean_up().prune(true));
    ASSERT_TRUE(held);
    EXPECT_THAT(held->problems, Contains(HasSubstr("'" + newer + "' is not relied on: files of backup")));
    EXPECT_TRUE(fixture.catalog.manifests.contains(older));
    EXPECT_TRUE(fixture.condition(ConditionKind::copy_changed, newer));
    ASSERT_TRUE(fixture.get(fixture.shown.accept(newer)));
    fixture.scheduler->folders_changed();
    ASSERT_TRUE(fixture.get(fixture.scheduler->clean_up().prune(true)));
    EXPECT_FALSE(fixture.catalog.manifests.contains(older));
    EXPECT_FALSE(fixture.condition(ConditionKind::copy_changed, newer));
}

}  // namespace sb::test
