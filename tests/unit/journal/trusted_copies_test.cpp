// Which backups the journal vouches for: a row that is lost makes its VM be exported once more, one too many lets a
// neighbour's file pass for a backup.
#include "tests/unit/journal/journal_fixture.hpp"

#include <gmock/gmock.h>

namespace sb::journal {
namespace {

using core::TrustedCopy;
using core::TrustSource;
using testing::ElementsAre;
using testing::IsEmpty;

TrustedCopy full_copy(std::string const& backup = "night A") {
    TrustedCopy copy;
    copy.backup = backup;
    copy.attempt = "0a1b2c3d";
    copy.job = 7;
    copy.vm = VmUuid("1111");
    copy.started = UtcTime(Milliseconds(1763874000123));
    copy.scheduled = true;
    copy.size_bytes = 1ull << 50;
    copy.source = TrustSource::check;
    copy.since = UtcTime(Milliseconds(1763874111000));
    copy.proof = "my disk.qcow2 4096 11.1 11.2\n";
    copy.missing_since = UtcTime(Milliseconds(1763875000000));
    copy.end = core::ExportEnd::inferred;
    copy.accepted = UtcTime(Milliseconds(1763876000000));
    copy.damage = core::Damage{"content", UtcTime(Milliseconds(1763877000000)), "bytes have changed"};
    copy.is_protected = true;
    copy.digest_root = "00ff";
    return copy;
}

core::Job made_backup() {
    core::Job job;
    job.vm = VmUuid("1111");
    job.backup = "night A";
    job.attempt = "0a1b2c3d";
    job.scheduled = true;
    job.queued = job.started.emplace(UtcTime(Milliseconds(1763874000000)));
    job.posted = UtcTime(Milliseconds(1763874000123));
    return job;
}

void end(core::Job& job, core::Outcome outcome) {
    job.phase = Phase::finished;
    job.outcome = outcome;
    job.size_bytes = 4096;
    job.finished = UtcTime(Milliseconds(1763874100000));
}

}  // namespace

TEST_F(Journal, EveryFieldOfATrustedCopyIsReadBackAfterReopening) {
    open();
    EXPECT_THAT(*wait(journal_->trusted_copies()), IsEmpty());
    ASSERT_TRUE(wait(journal_->save_trusted({full_copy()}, {})));
    open();
    EXPECT_THAT(*wait(journal_->trusted_copies()), ElementsAre(full_copy()));
}

TEST_F(Journal, AJobThatSucceedsVouchesForItsBackupInTheSameRecord) {
    open();
    auto job = made_backup();
    job.id = add(job);
    EXPECT_THAT(*wait(journal_->trusted_copies()), IsEmpty());
    end(job, core::Outcome::succeeded);
    ASSERT_TRUE(wait(journal_->save(job)));
    open();
    auto const copies = *wait(journal_->trusted_copies());
    ASSERT_EQ(copies.size(), 1u);
    EXPECT_EQ(copies[0], *core::trusted_by(job));
    EXPECT_EQ(copies[0].size_bytes, 4096u);
    EXPECT_EQ(wait(journal_->find(job.id))->size_bytes, 4096u);
}

TEST_F(Journal, AJobThatFailsOrIsOnlyAClaimVouchesForNothing) {
    open();
    auto failed = made_backup();
    failed.id = add(failed);
    end(failed, core::Outcome::failed);
    ASSERT_TRUE(wait(journal_->save(failed)));
    auto claim = made_backup();
    claim.id = add(claim);
    claim.is_claim = true;
    end(claim, core::Outcome::succeeded);
    ASSERT_TRUE(wait(journal_->save(claim)));
    auto rebuilt = claim;
    rebuilt.id = 90;
    rebuilt.attempt = "ffffffff";
    ASSERT_TRUE(wait(journal_->rebuild_history({rebuilt}, "")));
    EXPECT_THAT(*wait(journal_->trusted_copies()), IsEmpty());
    EXPECT_EQ(wait(journal_->recent(1))->front().attempt, "ffffffff");
    EXPECT_TRUE(wait(journal_->recent(1))->front().is_claim);
}

TEST_F(Journal, TheRecordOfAnEndThatIsRepeatedKeepsTheProof) {
    open();
    auto job = made_backup();
    job.id = add(job);
    end(job, core::Outcome::succeeded);
    ASSERT_TRUE(wait(journal_->save(job)));
    auto copy = wait(journal_->trusted_copies())->at(0);
    copy.proof = "proven";
    ASSERT_TRUE(wait(journal_->save_trusted({copy}, {})));
    ++job.revision;
    ASSERT_TRUE(wait(journal_->save(job)));
    EXPECT_THAT(*wait(journal_->trusted_copies()), ElementsAre(copy));
}

TEST_F(Journal, ATrustedCopyIsReplacedOrForgottenByWhatTellsItApart) {
    open();
    ASSERT_TRUE(wait(journal_->save_trusted({full_copy(), full_copy("night B")}, {})));
    auto changed = full_copy();
    changed.proof = "another";
    changed.damage.reset();
    ASSERT_TRUE(wait(journal_->save_trusted({changed}, {full_copy("night B")})));
    EXPECT_THAT(*wait(journal_->trusted_copies()), ElementsAre(changed));
    ASSERT_TRUE(wait(journal_->save_trusted({}, {full_copy("night B")}))) << "forgetting it twice is no error";
}

TEST_F(Journal, TrustedCopiesAreInTheFileThatReplacesALostOne) {
    open();
    ASSERT_TRUE(wait(journal_->save_trusted({full_copy()}, {})));
    open();  // the copy in memory holds what an earlier process recorded, too
    auto job = made_backup();
    job.backup = "night C";
    job.id = add(job);
    end(job, core::Outcome::succeeded);
    ASSERT_TRUE(wait(journal_->save(job)));
    for (auto const& name : files()) fs::remove(dir_ / name);
    EXPECT_THAT(*wait(journal_->trusted_copies()), testing::UnorderedElementsAre(full_copy(), *core::trusted_by(job)));
}

TEST_F(Journal, ARowThatThisVersionCannotReadIsAClaimAndNoReasonToSetTheJournalAside) {
    open();
    ASSERT_TRUE(wait(journal_->save_trusted({full_copy(), full_copy("night B")}, {})));
    journal_.reset();
    query("UPDATE trusted_copies SET source = 'rumour' WHERE backup = 'night A'");
    open();
    EXPECT_THAT(*wait(journal_->trusted_copies()), ElementsAre(full_copy("night B")));
    for (auto const& file : files()) EXPECT_THAT(file, testing::Not(testing::HasSubstr("damaged")));
}

}  // namespace sb::journal
