// What an unsuccessful export leaves behind may be a complete backup, or may still be written to.
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

Error const broken{Errc::incomplete_backup, "a disk is missing"};

struct Leftovers : ::testing::Test {
    ScheduleFixture fixture;
    std::string left;         ///< the landing folder
    std::string backup_name;  ///< what its backup would have been named
    JobId id = 0;

    Leftovers() {
        fixture.cluster.add_vm("A");
        fixture.cluster.add_vm("B");
        fixture.cluster.task_error["A"] = "Disk read error";
    }
    /// A's first export of the night ends like this; what it wrote stays.
    void a_job_ends(Outcome outcome) {
        fixture.start();
        fixture.run_until_clock(17h + 2min);
        fixture.cluster.task_error.clear();
        for (auto& [number, job] : fixture.journal.jobs) {
            if (job.vm_name != "A" || job.outcome != Outcome::failed) continue;
            left = folder_of(job);
            backup_name = job.backup;
            id = number;
            job.outcome = outcome;
            if (outcome == Outcome::lost) job.end = ExportEnd::unknown;
        }
        ASSERT_FALSE(left.empty());
    }
    /// The cluster reports A's export as complete, but it does not become a backup.
    void a_complete_export_fails() {
        fixture.cluster.task_error.clear();
        fixture.catalog.writing_fails = Error{Errc::no_space, "the disk is full"};
        a_job_ends(Outcome::failed);
        fixture.catalog.writing_fails.reset();
        ASSERT_EQ(fixture.journal.jobs[id].end, ExportEnd::seen);
    }
    void nights(int count) {
        for (int i = 0; i < count; ++i) fixture.run_until_clock(12h);
    }
    bool is_there() const { return fixture.catalog.folders.contains(left); }
    std::vector<std::string> all_problems() const {
        std::vector<std::string> problems;
        for (auto const& run : fixture.alerts.runs)
            problems.insert(problems.end(), run.problems.begin(), run.problems.end());
        return problems;
    }
};

}  // namespace

TEST_F(Leftovers, LeftoversOfALostExportAreKeptIfTheyAreComplete) {
    a_job_ends(Outcome::lost);
    nights(4);
    EXPECT_TRUE(is_there()) << "it may be the only copy";
    EXPECT_FALSE(fixture.catalog.manifests.contains(backup_name)) << "nothing shows that the export has ended";
}

TEST_F(Leftovers, LeftoversOfALostExportAreDeletedIfDamagedButNotIfUnreadable) {
    a_job_ends(Outcome::lost);
    fixture.catalog.bad.insert_or_assign(left, Error{Errc::io, "Input/output error"});
    nights(4);
    EXPECT_TRUE(is_there());
    fixture.catalog.bad.insert_or_assign(left, broken);
    nights(2);
    EXPECT_FALSE(is_there());
}

TEST_F(Leftovers, ALostExportThatWroteYesterdayIsKept) {
    a_job_ends(Outcome::lost);
    fixture.catalog.bad.insert_or_assign(left, broken);
    fixture.run_until_clock(16h);
    fixture.run_until_clock(16h);
    fixture.catalog.changed.insert_or_assign(left, fixture.time.now());
    fixture.run_until_clock(12h);
    EXPECT_TRUE(is_there()) << "its export went on long after the job had given up";
    nights(1);
    EXPECT_FALSE(is_there()) << "at rest for a day, and broken";
}

TEST_F(Leftovers, AFolderThatAnotherProgramFilledLaterIsKept) {
    a_job_ends(Outcome::failed);
    fixture.catalog.changed.insert_or_assign(left, fixture.time.now() + 1h);
    nights(4);
    EXPECT_TRUE(is_there());
}

TEST_F(Leftovers, AnUnreadableFolderIsKept) {
    a_job_ends(Outcome::failed);
    fixture.catalog.unseen.insert_or_assign(left, Error{Errc::io, "Permission denied"});
    nights(4);
    EXPECT_TRUE(is_there());
    fixture.catalog.unseen.clear();
    nights(1);
    EXPECT_FALSE(is_there());
}

TEST_F(Leftovers, ATaskWithoutAVmMayStillBeWriting) {
    fixture.cluster.names_objects = false;
    a_job_ends(Outcome::failed);
    auto const first = std::ranges::find(fixture.cluster.runs, left, &FakeCluster::Run::folder);
    ASSERT_NE(first, fixture.cluster.runs.end());
    first->fails_with.clear();
    first->length = 24h * 30;
    nights(4);
    EXPECT_TRUE(is_there());
    std::ranges::find(fixture.cluster.runs, left, &FakeCluster::Run::folder)->length = 1s;
    nights(1);
    EXPECT_FALSE(is_there());
}

TEST_F(Leftovers, AnotherFolderWithTheNameOfTheFailedBackupIsNotTouched) {
    a_job_ends(Outcome::failed);
    auto const foreign = landing_folder(backup_name, "ffffffff");
    fixture.catalog.folders.insert(backup_name);
    fixture.catalog.folders.insert(foreign);
    nights(4);
    EXPECT_FALSE(is_there());
    EXPECT_TRUE(fixture.catalog.folders.contains(backup_name));
    EXPECT_TRUE(fixture.catalog.folders.contains(foreign)) << "no job of the journal made it";
}

TEST_F(Leftovers, TheFolderOfAnEarlierVersionsJobIsNotTouched) {
    a_job_ends(Outcome::failed);
    fixture.journal.jobs[id].attempt.clear();
    fixture.catalog.folders.insert(backup_name);
    nights(4);
    EXPECT_TRUE(fixture.catalog.folders.contains(backup_name));
}

TEST_F(Leftovers, ACompleteExportOfAFailedJobBecomesABackupAfterAll) {
    a_complete_export_fails();
    nights(3);
    EXPECT_FALSE(is_there());
    ASSERT_TRUE(fixture.catalog.manifests.contains(backup_name));
    auto const& manifest = fixture.catalog.manifests[backup_name];
    EXPECT_EQ(manifest.job, id);
    EXPECT_EQ(manifest.end, ExportEnd::seen);
    EXPECT_EQ(manifest.vm_name, "A");
    EXPECT_EQ(manifest.completed, fixture.journal.jobs[id].finished);
    ASSERT_TRUE(manifest.verified);
    EXPECT_THAT(all_problems(), Contains(HasSubstr("but it is complete: it is now backup '" + backup_name + "'")));
    EXPECT_THAT(fixture.catalog.discarded, IsEmpty());
}

TEST_F(Leftovers, ABrokenExportThatTheClusterReportedAsCompleteIsDeleted) {
    a_complete_export_fails();
    fixture.catalog.bad.insert_or_assign(left, broken);
    nights(3);
    EXPECT_FALSE(is_there());
    EXPECT_FALSE(fixture.catalog.manifests.contains(backup_name));
}

TEST_F(Leftovers, AnInterruptedRescueIsFinishedInTheNextRun) {
    a_complete_export_fails();
    fixture.catalog.renaming_it_fails.insert_or_assign(left, Error{Errc::io, "Permission denied"});
    nights(3);
    ASSERT_TRUE(fixture.catalog.landed.contains(left));
    EXPECT_THAT(all_problems(), Contains(HasSubstr("could not be made a backup: Permission denied")));
    fixture.catalog.renaming_it_fails.clear();
    nights(2);
    EXPECT_FALSE(is_there());
    EXPECT_TRUE(fixture.catalog.manifests.contains(backup_name));
}

TEST_F(Leftovers, AnExportThatEndedBeforeAPowerCutDoesNotBecomeABackup) {
    a_complete_export_fails();
    fixture.stop();
    fixture.catalog.boot = "boot 2";
    fixture.start();
    nights(3);
    EXPECT_FALSE(fixture.catalog.manifests.contains(backup_name)) << "what it wrote may not have been flushed to disk";
    EXPECT_FALSE(is_there());
}

TEST_F(Leftovers, AnExportThatRanDuringAPowerCutDoesNotBecomeABackup) {
    fixture.cluster.task_error.clear();
    fixture.cluster.length = 1h;
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    fixture.stop();
    fixture.catalog.boot = "boot 2";
    fixture.start();
    nights(4);
    auto const& first = fixture.journal.jobs.begin()->second;
    ASSERT_EQ(first.end, ExportEnd::unflushed);
    EXPECT_FALSE(fixture.catalog.manifests.contains(first.backup));
    EXPECT_FALSE(fixture.catalog.folders.contains(folder_of(first)));
}

TEST_F(Leftovers, ACancelledExportIsDeletedADayLaterEvenIfItIsComplete) {
    fixture.cluster.task_error.clear();
    fixture.catalog.discarding_fails = Error{Errc::io, "Permission denied"};
    fixture.start();
    fixture.run_until_clock(17h);
    fixture.time.run_for(2s);
    auto const jobs = fixture.engine->unfinished_jobs();
    ASSERT_FALSE(jobs.empty());
    left = folder_of(jobs.front());
    ASSERT_TRUE(fixture.get(fixture.engine->cancel(jobs.front().id)));
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.journal.jobs[jobs.front().id].outcome, Outcome::cancelled);
    ASSERT_TRUE(is_there());
    fixture.catalog.discarding_fails.reset();
    nights(3);
    EXPECT_FALSE(is_there());
    EXPECT_FALSE(fixture.catalog.manifests.contains(jobs.front().backup));
}

TEST_F(Leftovers, WhatAPersonPutIntoOneIsKept) {
    a_job_ends(Outcome::failed);
    fixture.catalog.foreign[left] = "my notes.txt";
    nights(4);
    EXPECT_TRUE(is_there());
    fixture.catalog.foreign.clear();
    nights(2);
    EXPECT_FALSE(is_there());
}

TEST_F(Leftovers, ALostExportThatEndedBeforeAPowerCutIsNotRecommended) {
    a_job_ends(Outcome::lost);
    fixture.stop();
    fixture.catalog.boot = "boot 2";
    fixture.start();
    EXPECT_EQ(fixture.journal.jobs[id].end, ExportEnd::unflushed);
    nights(3);
    EXPECT_FALSE(is_there());
    EXPECT_FALSE(fixture.catalog.manifests.contains(backup_name));
}

TEST_F(Leftovers, ARescueThatWasKilledAfterTheRenameIsReported) {
    a_complete_export_fails();
    Manifest manifest;
    manifest.backup = backup_name;
    manifest.attempt = fixture.journal.jobs[id].attempt;
    manifest.job = id;
    fixture.catalog.folders.erase(left);
    fixture.catalog.folders.insert(backup_name);
    fixture.catalog.manifests[backup_name] = manifest;
    fixture.journal.facts["rescue"] = std::to_string(id);
    nights(4);
    auto const reported = HasSubstr("but it is complete: it is now backup '" + backup_name + "'");
    EXPECT_EQ(std::ranges::count_if(all_problems(), [&](auto const& each) { return testing::Value(each, reported); }),
              1);
    EXPECT_EQ(fixture.get(fixture.engine->backup_name(left)).value(), backup_name) << "its job has failed";
}

TEST_F(Leftovers, OneThatDidNotBecomeABackupSaysWhy) {
    a_job_ends(Outcome::failed);
    auto const name = fixture.get(fixture.engine->backup_name(left));
    ASSERT_FALSE(name);
    EXPECT_THAT(name.error().context, HasSubstr("did not become a backup: failed: "));
    EXPECT_THAT(name.error().context, HasSubstr("Disk read error"));
}

TEST_F(Leftovers, OneWhoseRemovalIsNotCompleteIsReported) {
    a_job_ends(Outcome::failed);
    fixture.catalog.remains[left] = "'@eaDir' cannot be opened";
    nights(3);
    EXPECT_FALSE(is_there());
    EXPECT_THAT(all_problems(), Contains(HasSubstr("is deleted, but not all of it: '@eaDir' cannot be opened")));
}
