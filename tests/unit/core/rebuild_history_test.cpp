#include "daemon/core/rebuild_history.hpp"
#include "daemon/core/trusted_copy.hpp"

#include <gtest/gtest.h>

namespace sb::core {
namespace {

Backup backup_of(JobId job, std::string const& name, std::chrono::seconds completed) {
    Backup backup{.name = name, .state = BackupState::complete, .manifest = Manifest{}};
    backup.manifest->job = job;
    backup.manifest->backup = name;
    backup.manifest->vm_name = "FILE01";
    backup.manifest->vm_uuid = VmUuid("u1");
    backup.manifest->task_tag = TaskTag("4711");
    backup.manifest->scheduled = true;
    backup.manifest->started = UtcTime(completed - std::chrono::seconds(60));
    backup.manifest->completed = UtcTime(completed);
    return backup;
}

TEST(RebuildHistory, OneSucceededJobForEachManifest) {
    auto const jobs = jobs_from_manifests(
        {backup_of(9, "b", std::chrono::seconds(2000)), backup_of(4, "a", std::chrono::seconds(1000))});
    ASSERT_EQ(jobs.size(), 2u);
    EXPECT_EQ(jobs[0].id, 4u);
    EXPECT_EQ(jobs[1].backup, "b");
    EXPECT_EQ(jobs[1].phase, Phase::finished);
    EXPECT_EQ(jobs[1].outcome, Outcome::succeeded);
    EXPECT_EQ(jobs[1].vm, VmUuid("u1"));
    EXPECT_EQ(jobs[1].tag, TaskTag("4711"));
    EXPECT_TRUE(jobs[1].scheduled);
    EXPECT_EQ(*jobs[1].finished - *jobs[1].started, std::chrono::seconds(60));
}

/// Anyone who can write to the share can write a manifest.
TEST(RebuildHistory, AJobThatOnlyAManifestNamesIsAClaimAndVouchesForNoBackup) {
    auto const jobs = jobs_from_manifests({backup_of(4, "a", std::chrono::seconds(1000))});
    ASSERT_EQ(jobs.size(), 1u);
    EXPECT_TRUE(jobs[0].is_claim);
    EXPECT_FALSE(trusted_by(jobs[0]));
}

TEST(RebuildHistory, FoldersWithoutAManifestAreIgnoredAndCopiesCountOnce) {
    Backup const foreign{.name = "x", .state = BackupState::unverified};
    auto const jobs = jobs_from_manifests({foreign, backup_of(0, "old", std::chrono::seconds(1)),
                                           backup_of(4, "a", std::chrono::seconds(1000)),
                                           backup_of(4, "later", std::chrono::seconds(3000))});
    ASSERT_EQ(jobs.size(), 1u);
    EXPECT_EQ(jobs[0].backup, "later");
}

/// What a manifest claims is shown: which number the job gets is decided by the journal.
TEST(RebuildHistory, AJobNamesTheNumberThatItsManifestClaims) {
    constexpr JobId highest = ~JobId{0};
    auto const jobs = jobs_from_manifests({backup_of(highest, "a", std::chrono::seconds(1000))});
    ASSERT_EQ(jobs.size(), 1u);
    ASSERT_EQ(jobs[0].warnings.size(), 1u);
    EXPECT_NE(jobs[0].warnings[0].find("job 18446744073709551615"), std::string::npos) << jobs[0].warnings[0];
    EXPECT_EQ(newest_job({backup_of(9, "a", std::chrono::seconds(1000))}), 9u);
    EXPECT_EQ(newest_job({}), 0u);
}

TEST(RebuildHistory, ThoseOfTheSameNumberAreDifferentJobsIfTheirExportsAre) {
    auto planted = backup_of(4, "planted", std::chrono::seconds(9000));
    planted.manifest->attempt = "ffffffff";
    auto real = backup_of(4, "a", std::chrono::seconds(1000));
    real.manifest->attempt = "0a1b2c3d";
    auto copied = backup_of(4, "copied", std::chrono::seconds(1000));
    copied.manifest->attempt = "0a1b2c3d";
    auto const jobs = jobs_from_manifests({planted, real, copied});
    ASSERT_EQ(jobs.size(), 2u);
    EXPECT_EQ(jobs[0].attempt, "0a1b2c3d") << "the oldest first";
    EXPECT_EQ(jobs[1].backup, "planted");
}

TEST(RebuildHistory, OfVeryManyTheNewestAreKept) {
    std::vector<Backup> backups;
    for (std::size_t i = 1; i <= max_claimed_jobs + 10; ++i)
        backups.push_back(backup_of(i, "b" + std::to_string(i), std::chrono::seconds(1000 + i)));
    auto const jobs = jobs_from_manifests(backups);
    ASSERT_EQ(jobs.size(), max_claimed_jobs);
    EXPECT_EQ(jobs.front().id, 11u);
    EXPECT_EQ(jobs.back().id, max_claimed_jobs + 10);
}

struct AlreadyMadeTest : ::testing::Test {
    Backup made = backup_of(4, "nightly", std::chrono::seconds(2000));
    Job job;

    AlreadyMadeTest() {
        job.id = 4;
        job.vm = VmUuid("u1");
        job.backup = "nightly";
        job.scheduled = true;
        job.phase = Phase::pre_hook;
        job.attempt = "0a1b2c3d";
        made.manifest->attempt = "0a1b2c3d";
        made.manifest->end = ExportEnd::inferred;
    }
};

TEST_F(AlreadyMadeTest, AJobThatAnOlderJournalHasNotOrderedIsThatOfItsManifest) {
    for (auto phase : {Phase::queued, Phase::preparing, Phase::pre_hook}) {
        job.phase = phase;
        auto const ended = already_made(job, {made});
        ASSERT_TRUE(ended) << name_of(phase);
        EXPECT_EQ(ended->attempt, "0a1b2c3d");
        EXPECT_EQ(ended->end, ExportEnd::inferred);
        EXPECT_EQ(ended->tag, TaskTag("4711"));
        EXPECT_EQ(ended->finished, made.manifest->completed);
        EXPECT_EQ(ended->posted, made.manifest->started);
    }
    for (auto phase : {Phase::posting, Phase::following, Phase::committing, Phase::finished}) {
        job.phase = phase;
        EXPECT_FALSE(already_made(job, {made})) << "it looks for its manifest itself: " << name_of(phase);
    }
}

TEST_F(AlreadyMadeTest, ItsNameMayHaveBeenNumberedMeanwhile) {
    made.name = "nightly (2)";
    auto const ended = already_made(job, {made});
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->backup, "nightly (2)");
}

TEST_F(AlreadyMadeTest, ABackupOfAnotherJobOrVmOrNameIsNotItsOwn) {
    auto other = made;
    other.manifest->job = 5;
    EXPECT_FALSE(already_made(job, {other}));
    other = made;
    other.manifest->vm_uuid = VmUuid("u2");
    EXPECT_FALSE(already_made(job, {other}));
    other = made;
    other.name = "nightly2";
    EXPECT_FALSE(already_made(job, {other}));
    other = made;
    other.manifest->scheduled = false;
    EXPECT_FALSE(already_made(job, {other}));
    job.cluster.uuid = "1";
    other = made;
    other.manifest->cluster_uuid = "2";
    EXPECT_FALSE(already_made(job, {other}));
}

/// Name, VM and number of a job that waits are no secret: a hook must not run because a folder has them.
TEST_F(AlreadyMadeTest, ABackupWithoutTheAttemptThatTheJournalHasIsNotItsOwn) {
    for (auto const* attempt : {"", "11111111"}) {
        job.attempt = attempt;
        for (auto phase : {Phase::queued, Phase::preparing, Phase::pre_hook}) {
            job.phase = phase;
            EXPECT_FALSE(already_made(job, {made})) << attempt << " " << name_of(phase);
        }
    }
    made.manifest->attempt.clear();
    job.attempt.clear();
    EXPECT_FALSE(already_made(job, {made})) << "none is not the same";
}

}  // namespace
}  // namespace sb::core
