// What the journal knows of a backup whose folder has not answered since the start.
#include "daemon/core/recall.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime noon{1'795'608'000'000ms};

struct Recall : ::testing::Test {
    std::vector<Backup> backups{1};
    std::vector<TrustedCopy> rows;
    std::vector<Job> jobs;

    Recall() {
        backups.front().name = "WEB01 monday";
        backups.front().is_unanswered = true;
    }
    TrustedCopy& add_row(JobId job, std::string vm, UtcTime started) {
        TrustedCopy row;
        row.backup = "WEB01 monday";
        row.attempt = "1a2b3c4d";
        row.job = job;
        row.vm = VmUuid{std::move(vm)};
        row.started = started;
        row.scheduled = true;
        row.size_bytes = 5000;
        rows.push_back(row);
        return rows.back();
    }
    Job& add_job(JobId id, std::string vm) {
        Job job;
        job.id = id;
        job.vm = VmUuid{std::move(vm)};
        job.vm_name = "WEB01";
        job.backup = "WEB01 monday";
        job.attempt = "1a2b3c4d";
        job.scheduled = true;
        job.phase = Phase::finished;
        job.outcome = Outcome::succeeded;
        job.queued = noon;
        job.posted = noon + 1min;
        job.finished = noon + 10min;
        job.end = ExportEnd::seen;
        jobs.push_back(job);
        return jobs.back();
    }
    Backup const& recalled() {
        recall(backups, rows, jobs);
        return backups.front();
    }
};

}  // namespace

TEST_F(Recall, TheRowAndItsJobSayWhoseBackupItIs) {
    add_row(7, "a", noon + 1min);
    add_job(7, "a");
    auto const& backup = recalled();
    ASSERT_TRUE(backup.manifest);
    EXPECT_EQ(backup.manifest->vm_uuid, VmUuid{"a"});
    EXPECT_EQ(backup.manifest->vm_name, "WEB01");
    EXPECT_EQ(backup.manifest->started, noon + 1min);
    EXPECT_EQ(backup.manifest->completed, noon + 10min);
    EXPECT_TRUE(backup.manifest->scheduled);
    EXPECT_TRUE(is_end_known(*backup.manifest));
    EXPECT_EQ(backup.size_bytes, 5000u);
    EXPECT_EQ(backup.state, BackupState::unverified) << "its folder still does not answer";
    EXPECT_TRUE(backup.is_unanswered);
}

TEST_F(Recall, AnEndThatWasNotSeenStaysSo) {
    add_row(7, "a", noon);
    add_job(7, "a").end = ExportEnd::inferred;
    EXPECT_FALSE(is_end_known(*recalled().manifest));
}

TEST_F(Recall, AnAdoptedCopyNeedsNoJob) {
    add_row(7, "a", noon).source = TrustSource::adoption;
    ASSERT_TRUE(recalled().manifest);
    EXPECT_TRUE(is_end_known(*recalled().manifest));
}

TEST_F(Recall, TheNameOfAVmWhoseJobIsForgottenIsThatOfItsOtherBackups) {
    add_row(7, "a", noon);
    for (auto const* name : {"OLD01", "WEB01"}) {
        Backup other;
        other.name = std::string(name) + " sunday";
        other.manifest = Manifest();
        other.manifest->vm_uuid = VmUuid{"a"};
        other.manifest->vm_name = name;
        other.manifest->started = noon - (std::string(name) == "OLD01" ? 48h : 24h);
        backups.push_back(other);
    }
    EXPECT_EQ(recalled().manifest->vm_name, "WEB01");
}

TEST_F(Recall, WithoutARowTheJobThatMadeItKnowsIt) {
    add_job(7, "a");
    ASSERT_TRUE(recalled().manifest);
    EXPECT_EQ(recalled().manifest->vm_uuid, VmUuid{"a"});
}

TEST_F(Recall, AClaimKnowsNothing) {
    add_job(7, "a").is_claim = true;
    EXPECT_FALSE(recalled().manifest);
}

TEST_F(Recall, ANameThatWasUsedBeforeIsThatOfTheCopyThatIsThere) {
    add_row(7, "a", noon);
    add_row(9, "b", noon + 24h).missing_since = noon + 48h;
    EXPECT_EQ(recalled().manifest->vm_uuid, VmUuid{"a"});
    backups.front().manifest.reset();
    rows.back().missing_since.reset();
    EXPECT_EQ(recalled().manifest->vm_uuid, VmUuid{"b"}) << "the newer one";
}

TEST_F(Recall, OthersStayAsTheyAre) {
    add_row(7, "a", noon);
    backups.front().is_unanswered = false;
    EXPECT_FALSE(recalled().manifest) << "it answers: its manifest is what counts";
    backups.front().is_unanswered = true;
    backups.front().name = "renamed by hand";
    EXPECT_FALSE(recalled().manifest);
}
