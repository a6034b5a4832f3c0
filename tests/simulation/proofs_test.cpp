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
    EXPECT_THAT(job.error->context, HasSubstr("--verify"));
    EXPECT_THAT(job.error->context, HasSubstr("--force"));
    EXPECT_THAT(fixture.cluster.runs, IsEmpty()) << "nothing was sent";
    EXPECT_EQ(proof(), "disk.qcow2 4096 11.1 11.2\n") << "it is no proof of what is there now";
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
    fixture.evidence->note("nightly", Level::structure, boost::system::in_place_value);
    EXPECT_EQ(restore("FIRST").outcome, Outcome::failed);
    fixture.evidence->note("nightly", Level::content, boost::system::in_place_value);
    EXPECT_EQ(restore("SECOND").outcome, Outcome::succeeded);
    EXPECT_EQ(proof(), "disk.qcow2 4096 12.1 12.2\n");
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
    fixture.start();
    fixture.time.run_for(1min);
    EXPECT_EQ(proof(), "disk.qcow2 4096 11.1 11.2\n");
}

TEST_F(Proofs, FilesThatCannotBeExaminedAreNotImported) {
    fixture.catalog.no_states.insert({"nightly", Error{Errc::io, "Input/output error"}});
    auto const job = restore("NEW");
    EXPECT_EQ(job.outcome, Outcome::failed);
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
}

}  // namespace sb::test
