#include "daemon/core/leftover.hpp"

#include <gtest/gtest.h>

namespace sb::core {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;
using enum LeftoverReason;

struct LeftoverTest : ::testing::Test {
    UtcTime const now{2'000'000'000s};

    /// Left behind three days ago.
    Leftover left_by(Job const& job) const {
        Leftover folder;
        folder.from_unsuccessful_job = true;
        folder.is_worthless = is_worthless_export(job);
        folder.end = job.end;
        folder.job_ended = now - days{3};
        folder.newest_change = folder.job_ended;
        return folder;
    }
    Leftover left_with(ExportEnd end, Leftover::Content content = Leftover::Content::whole) const {
        Job job;
        job.outcome = Outcome::failed;
        job.end = end;
        auto folder = left_by(job);
        folder.content = content;
        return folder;
    }
    LeftoverReason evaluate(Leftover const& folder) const { return evaluate_leftover(folder, now); }
};

TEST_F(LeftoverTest, AWorthlessOneIsDeletedWhenItIsADayOldAndUnused) {
    auto const old = left_with(ExportEnd::failed, Leftover::Content::none);
    EXPECT_EQ(evaluate(old), removable) << "without an inspection";
    auto other = old;
    other.from_unsuccessful_job = false;
    EXPECT_EQ(evaluate(other), not_ours);
    other = old;
    other.has_unfinished_job = true;
    EXPECT_EQ(evaluate(other), job_unfinished);
    other = old;
    other.task_may_write = true;
    EXPECT_EQ(evaluate(other), task_may_write);
    other = old;
    other.job_ended = now - days{1};
    EXPECT_EQ(evaluate(other), too_young);
    other.job_ended = now + days{1};
    EXPECT_EQ(evaluate(other), too_young);
}

TEST_F(LeftoverTest, ACancelledAFailedAndAnUnflushedExportAreWorthlessWhateverTheirFilesLookLike) {
    Job cancelled;
    cancelled.outcome = Outcome::cancelled;
    cancelled.end = ExportEnd::seen;
    EXPECT_EQ(evaluate(left_by(cancelled)), removable);
    for (auto end : {ExportEnd::failed, ExportEnd::unflushed})
        EXPECT_EQ(evaluate(left_with(end)), removable) << name_of(end);
}

TEST_F(LeftoverTest, OnlyACompleteOneWhoseEndTheClusterReportedIsRescued) {
    EXPECT_EQ(evaluate(left_with(ExportEnd::seen)), rescuable);
    EXPECT_EQ(evaluate(left_with(ExportEnd::inferred)), may_be_a_backup);
    EXPECT_EQ(evaluate(left_with(ExportEnd::unknown)), may_be_a_backup);
    for (auto end : {ExportEnd::seen, ExportEnd::inferred, ExportEnd::unknown}) {
        EXPECT_EQ(evaluate(left_with(end, Leftover::Content::broken)), removable) << name_of(end);
        EXPECT_EQ(evaluate(left_with(end, Leftover::Content::none)), not_inspected) << name_of(end);
    }
}

TEST_F(LeftoverTest, OneWithAManifestOnlyNeedsItsName) {
    for (auto end : {ExportEnd::seen, ExportEnd::inferred}) {
        auto folder = left_with(end, Leftover::Content::none);
        folder.has_manifest = true;
        folder.job_ended = now;
        EXPECT_EQ(evaluate(folder), rescuable) << name_of(end);
        folder.task_may_write = true;
        EXPECT_EQ(evaluate(folder), task_may_write) << name_of(end);
    }
}

TEST_F(LeftoverTest, OneWithAFreshNameInItIsNotDeletedButMayBecomeABackup) {
    auto folder = left_with(ExportEnd::seen, Leftover::Content::broken);
    folder.folder_changed = now - hours{23};
    EXPECT_EQ(evaluate(folder), too_young);
    folder.content = Leftover::Content::whole;
    EXPECT_EQ(evaluate(folder), rescuable) << "the last attempt to write its manifest changed it, too";
}

TEST_F(LeftoverTest, OneThatChangedAfterItsJobIsKeptUnlessItsExportMayHaveGoneOn) {
    for (auto end : {ExportEnd::failed, ExportEnd::seen}) {
        auto folder = left_with(end);
        folder.newest_change = folder.job_ended + minutes{9};
        EXPECT_NE(evaluate(folder), changed_since) << "a share may lag";
        folder.newest_change = folder.job_ended + days{1};
        EXPECT_EQ(evaluate(folder), changed_since) << name_of(end);
        folder.unreadable = true;
        EXPECT_EQ(evaluate(folder), unreadable) << name_of(end);
    }
    auto lost = left_with(ExportEnd::unknown, Leftover::Content::broken);
    lost.newest_change = lost.job_ended + days{1};
    EXPECT_EQ(evaluate(lost), removable);
    Job cancelled;
    cancelled.outcome = Outcome::cancelled;
    auto unwanted = left_by(cancelled);
    unwanted.newest_change = unwanted.job_ended + days{1};
    EXPECT_EQ(evaluate(unwanted), removable) << "its answer was lost, too";
    lost.newest_change = now - hours{23};
    EXPECT_EQ(evaluate(lost), too_young);
}

TEST_F(LeftoverTest, OnlyAFinishedExportOfThisVersionWithoutSuccessLeavesAFolder) {
    Job job;
    job.phase = Phase::finished;
    job.outcome = Outcome::failed;
    job.attempt = "0a1b2c3d";
    job.posted = job.finished = now;
    EXPECT_TRUE(may_have_left_a_folder(job));
    auto other = job;
    other.attempt.clear();
    EXPECT_FALSE(may_have_left_a_folder(other)) << "an earlier version's";
    other = job;
    other.outcome = Outcome::succeeded;
    EXPECT_FALSE(may_have_left_a_folder(other));
    other = job;
    other.posted.reset();
    EXPECT_FALSE(may_have_left_a_folder(other));
    other = job;
    other.phase = Phase::committing;
    EXPECT_FALSE(may_have_left_a_folder(other));
    other = job;
    other.kind = JobKind::restore;
    EXPECT_FALSE(may_have_left_a_folder(other));
}

TEST_F(LeftoverTest, TheTextSaysHowToMakeItABackup) {
    EXPECT_NE(
        explain(may_be_a_backup, Leftover{}, "nightly").find("rename it to 'nightly', then scale-backupctl adopt"),
        std::string::npos);
}

TEST_F(LeftoverTest, WhatAPersonPutIntoItIsNotDeletedWithIt) {
    for (auto folder : {left_with(ExportEnd::failed, Leftover::Content::none),
                        left_with(ExportEnd::seen, Leftover::Content::broken)}) {
        ASSERT_EQ(evaluate(folder), removable);
        folder.foreign_entry = "my notes.txt";
        EXPECT_EQ(evaluate(folder), holds_other_files);
        EXPECT_NE(explain(holds_other_files, folder, "nightly").find("'my notes.txt'"), std::string::npos);
    }
    auto whole = left_with(ExportEnd::seen);
    whole.foreign_entry = "my notes.txt";
    EXPECT_EQ(evaluate(whole), rescuable) << "nothing is deleted";
}

TEST_F(LeftoverTest, OneWhoseFilesHaveChangedSinceItsManifestIsKeptAndNotRescued) {
    auto folder = left_with(ExportEnd::seen);
    folder.spoiled = "disk.qcow2 has 5 bytes instead of 9";
    EXPECT_EQ(evaluate(folder), spoiled);
    EXPECT_NE(explain(spoiled, folder, "nightly").find(folder.spoiled), std::string::npos);
}

TEST_F(LeftoverTest, ATaskMayWriteIfItIsTheJobsOwnOrMayWorkOnItsVm) {
    Job job;
    job.vm = VmUuid{"a"};
    job.tag = TaskTag{"7"};
    TaskReport task;
    task.tag = TaskTag{"8"};
    task.state = TaskState::running;
    EXPECT_TRUE(may_write_into(job, task)) << "it names nothing";
    task.object_uuid = "b";
    EXPECT_FALSE(may_write_into(job, task));
    task.object_uuid = "a";
    EXPECT_TRUE(may_write_into(job, task));
    task.object_uuid = "b";
    task.tag = job.tag;
    EXPECT_TRUE(may_write_into(job, task));
    task.state = TaskState::complete;
    EXPECT_FALSE(may_write_into(job, task));
}

}  // namespace
}  // namespace sb::core
