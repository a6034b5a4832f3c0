// A restore imports the files that were proven, or says that they were changed.
#include "tests/simulation/trust_fixture.hpp"

#include <gmock/gmock.h>

namespace sb::test {
namespace {

using core::Level;
using core::Outcome;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string states(std::string const& disk, std::string const& manifest = "1 2 900 10.5 10.5") {
    return "scale-backup.json " + manifest + "\ndisk.qcow2 " + disk + "\n";
}

struct Proofs : ::testing::Test {
    TrustFixture fixture;

    Proofs() {
        fixture.settings.configured = false;
        fixture.cluster.add_vm("FILE01");
        fixture.start();
        fixture.catalog.states["nightly"] = states("1 4 4096 11.1 11.2");
        fixture.backup("FILE01", "nightly");
        fixture.time.run_for(15min);
        fixture.cluster.runs.clear();
    }
    core::Job restore(std::string const& vm_name, bool force = false) {
        auto const job = fixture.get(fixture.engine->submit_restore("nightly", vm_name, force));
        fixture.time.run_for(5min);
        return fixture.job(job.value().id);
    }
    std::string proof() const { return fixture.journal.trusted.begin()->second.proof; }
};

}  // namespace

TEST_F(Proofs, ABackupGetsItsProofWhenItIsMade) {
    ASSERT_THAT(fixture.journal.trusted, SizeIs(1));
    EXPECT_EQ(proof(), "disk.qcow2 4096 11.1 11.2\n");
}

TEST_F(Proofs, UnchangedFilesAreImported) { EXPECT_EQ(restore("NEW").outcome, Outcome::succeeded); }

TEST_F(Proofs, AnotherMountAndAProtectedBackupAreNoChange) {
    fixture.catalog.states["nightly"] = states("7 99 4096 11.1 11.2", "7 98 950 20.5 20.5");
    EXPECT_EQ(restore("NEW").outcome, Outcome::succeeded);
}

TEST_F(Proofs, AnImageOfTheSameSizeThatWasWrittenToIsNotImported) {
    fixture.catalog.states["nightly"] = states("1 4 4096 12.1 12.2");
    auto const job = restore("NEW");
    EXPECT_EQ(job.outcome, Outcome::failed);
    ASSERT_TRUE(job.error);
    EXPECT_EQ(job.error->code, Errc::refused);
    EXPECT_THAT(job.error->context, HasSubstr("'disk.qcow2' (modification time, change time)"));
    EXPECT_THAT(job.error->context, HasSubstr("scale-backupctl restore --verify nightly NEW"));
    EXPECT_THAT(job.error->context, HasSubstr("scale-backupctl restore --force nightly NEW"));
    EXPECT_THAT(fixture.cluster.runs, IsEmpty()) << "nothing was sent";
    EXPECT_EQ(proof(), "disk.qcow2 4096 11.1 11.2\n") << "it is no proof of what is there now";
}

TEST_F(Proofs, FilesThatWereCopiedToAnotherDiskAreRefusedWithWordsThatSaySo) {
    fixture.catalog.states["nightly"] = states("9 4 4096 11.1 90.2", "9 5 900 10.5 90.1");
    auto const job = restore("NEW");
    EXPECT_EQ(job.outcome, Outcome::failed);
    ASSERT_TRUE(job.error);
    EXPECT_THAT(job.error->context, HasSubstr("'disk.qcow2' (change time)"));
    EXPECT_THAT(job.error->context, HasSubstr("this is expected after the files were copied to another disk"));
    EXPECT_THAT(job.error->context, HasSubstr("scale-backupctl restore --verify nightly NEW"));
}

TEST_F(Proofs, AForcedRestoreImportsItAndSaysWhatWasChanged) {
    fixture.catalog.states["nightly"] = states("1 4 4096 12.1 12.2");
    auto const job = restore("NEW", true);
    EXPECT_EQ(job.outcome, Outcome::succeeded);
    ASSERT_THAT(job.warnings, SizeIs(1));
    EXPECT_THAT(job.warnings[0], HasSubstr("'disk.qcow2'"));
}

TEST_F(Proofs, AVerificationOfTheContentIsANewProofAndOneOfTheStructureIsNot) {
    fixture.catalog.states["nightly"] = states("1 4 4096 12.1 12.2");
    fixture.evidence->note("nightly", Level::structure, boost::system::in_place_value, true);
    EXPECT_EQ(restore("FIRST").outcome, Outcome::failed);
    fixture.evidence->note("nightly", Level::content, boost::system::in_place_value, true);
    EXPECT_EQ(restore("SECOND").outcome, Outcome::succeeded);
    EXPECT_EQ(proof(), "disk.qcow2 4096 12.1 12.2\n");
}

/// Its digests are in the same folder: who changes the image can change them, too.
TEST_F(Proofs, AScheduledVerificationIsNoProofOfAChangedImage) {
    fixture.catalog.states["nightly"] = states("1 4 4096 12.1 12.2");
    for (auto const level : {Level::content, Level::reread})
        fixture.evidence->note("nightly", level, boost::system::in_place_value, false);
    fixture.time.run_for(15min);
    EXPECT_EQ(proof(), "disk.qcow2 4096 11.1 11.2\n");
    EXPECT_EQ(restore("NEW").outcome, Outcome::failed);
}

TEST_F(Proofs, ARestartKeepsTheProof) {
    fixture.stop();
    fixture.catalog.states["nightly"] = states("1 4 4096 12.1 12.2");
    fixture.start();
    fixture.time.run_for(15min);
    EXPECT_EQ(restore("NEW").outcome, Outcome::failed);
}

TEST_F(Proofs, ABackupOfAnEarlierVersionGetsItsProofWhenItIsFirstSeen) {
    fixture.stop();
    fixture.journal.trusted.begin()->second.proof.clear();
    fixture.journal.trusted.begin()->second.end.reset();
    fixture.start();
    fixture.time.run_for(1min);
    EXPECT_EQ(proof(), "disk.qcow2 4096 11.1 11.2\n");
}

TEST_F(Proofs, AProofIsInTheRecordOfTheJobsEnd) {
    fixture.catalog.states["second"] = states("1 5 4096 13.1 13.2");
    auto const id = fixture.backup("FILE01", "second");
    std::string first;
    for (int i = 0; i < 900 && first.empty(); ++i) {
        fixture.time.run_for(1s);
        for (auto const& [key, copy] : fixture.journal.trusted)
            if (copy.backup == "second") first = "proof: " + copy.proof;
    }
    EXPECT_EQ(first, "proof: disk.qcow2 4096 13.1 13.2\n") << "a kill directly afterwards leaves no gap";
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
}

/// What is there may have been changed since the backup was made.
TEST_F(Proofs, AProofThatIsMissingIsNotTakenFromWhatIsThere) {
    fixture.stop();
    fixture.journal.trusted.begin()->second.proof.clear();
    fixture.start();
    fixture.time.run_for(15min);
    EXPECT_EQ(proof(), "");
    EXPECT_THAT(fixture.get(fixture.shown.find("nightly")).value().problem, HasSubstr("never proven"));
    auto const job = restore("NEW");
    EXPECT_EQ(job.outcome, Outcome::failed);
    ASSERT_TRUE(job.error);
    EXPECT_THAT(job.error->context, HasSubstr("never proven"));
    EXPECT_EQ(restore("FORCED", true).outcome, Outcome::succeeded);
    fixture.evidence->note("nightly", Level::content, boost::system::in_place_value, true);
    EXPECT_EQ(restore("VERIFIED").outcome, Outcome::succeeded);
    EXPECT_EQ(proof(), "disk.qcow2 4096 11.1 11.2\n");
    EXPECT_EQ(fixture.get(fixture.shown.find("nightly")).value().problem, "");
}

TEST_F(Proofs, AManifestThatNamesAnotherDefinitionOrOtherFilesIsNotImported) {
    fixture.catalog.states["second"] = states("1 5 4096 13.1 13.2") + "/manifest aaaa\n";
    fixture.catalog.manifest_digests["second"] = "aaaa";
    fixture.backup("FILE01", "second");
    fixture.time.run_for(15min);
    ASSERT_EQ(fixture.get(fixture.shown.find("second")).value().problem, "");
    fixture.cluster.runs.clear();
    fixture.catalog.states["second"] = states("1 5 4096 13.1 13.2") + "/manifest bbbb\n";
    auto const between = fixture.get(fixture.engine->submit_restore("second", "NEW"));
    fixture.time.run_for(5min);
    EXPECT_EQ(fixture.job(between.value().id).outcome, Outcome::failed) << "it was changed after it was found";
    fixture.catalog.manifest_digests["second"] = "bbbb";
    auto const shown = fixture.get(fixture.shown.find("second")).value();
    EXPECT_EQ(shown.state, core::BackupState::damaged);
    EXPECT_THAT(shown.problem, HasSubstr("its manifest names another VM, definition, disks or files"));
    auto const refused = fixture.get(fixture.engine->submit_restore("second", "NEW"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::damaged_backup);
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
}

TEST_F(Proofs, ARestoreOfABackupThatTheJournalDoesNotKnowSaysSo) {
    fixture.plant("planted", "nightly", fixture.time.now());
    auto const job = fixture.get(fixture.engine->submit_restore("planted", "NEW"));
    ASSERT_TRUE(job);
    ASSERT_THAT(job->warnings, SizeIs(1));
    EXPECT_THAT(job->warnings[0], HasSubstr("the journal does not know this backup"));
    EXPECT_THAT(fixture.get(fixture.engine->submit_restore("nightly", "OTHER")).value().warnings, IsEmpty());
}

TEST_F(Proofs, AnAcceptedBackupIsProvenAsItIs) {
    fixture.catalog.states["nightly"] = states("1 4 4096 12.1 12.2");
    EXPECT_EQ(restore("FIRST").outcome, Outcome::failed);
    ASSERT_TRUE(fixture.get(fixture.shown.accept("nightly")));
    EXPECT_EQ(proof(), "disk.qcow2 4096 12.1 12.2\n");
    EXPECT_EQ(restore("SECOND").outcome, Outcome::succeeded);
}

TEST_F(Proofs, FilesThatCannotBeExaminedAreNotImported) {
    fixture.catalog.no_states.insert({"nightly", Error{Errc::io, "Input/output error"}});
    auto const job = restore("NEW");
    EXPECT_EQ(job.outcome, Outcome::failed);
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
}

}  // namespace sb::test
