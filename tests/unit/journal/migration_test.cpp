// Journals of earlier versions, stored as SQL in data/, are read as they were written.
#include "daemon/journal/schema.hpp"
#include "tests/unit/journal/journal_fixture.hpp"

#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <iterator>

namespace sb::journal {
namespace {

using testing::ElementsAre;

class Migration : public Journal {
protected:
    void make_version(int version) {
        std::ifstream file(std::string(SB_JOURNAL_DATA) + "/journal-v" + std::to_string(version) + ".sql");
        std::string const sql{std::istreambuf_iterator<char>(file), {}};
        ASSERT_FALSE(sql.empty());
        query(sql);
    }
};

TEST_F(Migration, AJournalOfVersion1KeepsAllItsRecords) {
    make_version(1);
    open();
    auto const unfinished = *wait(journal_->unfinished());
    ASSERT_EQ(unfinished.size(), 1u);
    auto const& db02 = unfinished[0];
    EXPECT_EQ(db02.id, 12u);
    EXPECT_EQ(db02.vm_name, "DB02");
    EXPECT_EQ(db02.phase, Phase::following);
    EXPECT_EQ(db02.tag, TaskTag("4733"));
    EXPECT_EQ(db02.tag_before, TaskTag("4720"));
    EXPECT_EQ(db02.percent, 41);
    EXPECT_TRUE(db02.cancel_requested);
    EXPECT_TRUE(db02.post_hook);
    ASSERT_EQ(db02.disks.size(), 1u);
    EXPECT_EQ(db02.disks[0].allocation_bytes, 1073741824u);
    auto const ended = *wait(journal_->recent(10));
    ASSERT_EQ(ended.size(), 2u);
    EXPECT_EQ(ended[0].vm_name, "O'Brien \"Größe\"");
    EXPECT_EQ(ended[0].error->context, "task 4720 ended in ERROR: Disk read error");
    EXPECT_THAT(ended[0].warnings, ElementsAre("PreRestore: exit code 3"));
    EXPECT_EQ(ended[1].outcome, core::Outcome::succeeded);
    auto const runs = *wait(journal_->recent_runs(5));
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_THAT(runs[0].deleted, ElementsAre("2026-10-22_17-00-00 FILE01"));
    EXPECT_EQ(*wait(journal_->fact("paused")), "yes");
    EXPECT_EQ(add({}), 13u) << "ids continue where they were";
    EXPECT_FALSE(*wait(journal_->needs_rebuild())) << "it has its history";
    EXPECT_THAT(query("PRAGMA user_version"), ElementsAre(std::to_string(newest_schema())));
    EXPECT_THAT(query("SELECT count(*) FROM transitions WHERE job = 12"), ElementsAre("2"));
}

TEST_F(Migration, AJournalOfVersion2KeepsAllItsRecordsAndTakesConditions) {
    make_version(2);
    open();
    auto const unfinished = *wait(journal_->unfinished());
    ASSERT_EQ(unfinished.size(), 1u);
    EXPECT_EQ(unfinished[0].vm_name, "DB02");
    auto const ended = *wait(journal_->recent(10));
    ASSERT_EQ(ended.size(), 3u);
    EXPECT_EQ(ended[0].kind, core::JobKind::verify);
    EXPECT_EQ(ended[0].level, "content");
    EXPECT_TRUE(ended[1].forced);
    EXPECT_EQ(ended[2].outcome, core::Outcome::succeeded);
    EXPECT_EQ(wait(journal_->recent_runs(5))->size(), 1u);
    EXPECT_EQ(*wait(journal_->fact("storage_mark")), "0123456789abcdef0123456789abcdef");
    EXPECT_THAT(*wait(journal_->conditions()), testing::IsEmpty());
    core::Condition const condition{core::ConditionKind::storage_unusable, "", now_, now_, "not mounted"};
    ASSERT_TRUE(wait(journal_->save_conditions({condition})));
    open();
    EXPECT_THAT(*wait(journal_->conditions()), ElementsAre(condition));
    EXPECT_THAT(query("PRAGMA user_version"), ElementsAre(std::to_string(newest_schema())));
    for (auto const& file : files()) EXPECT_THAT(file, testing::Not(testing::HasSubstr("damaged")));
}

TEST_F(Migration, AJobOfVersion3HasNoAttemptAndAnUnknownEndSoItsFolderIsNotTakenForALandingFolder) {
    make_version(3);
    open();
    auto const unfinished = *wait(journal_->unfinished());
    ASSERT_EQ(unfinished.size(), 1u);
    EXPECT_EQ(unfinished[0].backup, "monday");
    auto const ended = *wait(journal_->recent(10));
    ASSERT_EQ(ended.size(), 4u);
    EXPECT_EQ(ended[0].outcome, core::Outcome::lost);
    EXPECT_EQ(ended[0].backup, "tuesday");
    EXPECT_EQ(ended[1].level, "content");
    EXPECT_TRUE(ended[2].forced);
    for (auto const& jobs : {unfinished, ended})
        for (auto const& job : jobs) {
            EXPECT_EQ(job.attempt, "") << job.id;
            EXPECT_EQ(job.end, core::ExportEnd::unknown) << job.id;
        }
    auto const conditions = *wait(journal_->conditions());
    ASSERT_EQ(conditions.size(), 1u);
    EXPECT_EQ(conditions[0].reason, "it lacks the mark");
    EXPECT_EQ(wait(journal_->recent_runs(5))->size(), 1u);
    EXPECT_THAT(query("PRAGMA user_version"), ElementsAre(std::to_string(newest_schema())));
    for (auto const& file : files()) EXPECT_THAT(file, testing::Not(testing::HasSubstr("damaged")));
}

TEST_F(Migration, AJobThatVersion3RecordedTakesTheNewFields) {
    make_version(3);
    open();
    auto job = wait(journal_->unfinished())->at(0);
    job.attempt = "0a1b2c3d";
    job.end = core::ExportEnd::seen;
    ASSERT_TRUE(wait(journal_->save(job)));
    open();
    EXPECT_THAT(*wait(journal_->unfinished()), ElementsAre(job));
}

TEST_F(Migration, WhatARunOfVersion4StillHasToDoAfterItsBackupsIsOwed) {
    make_version(4);
    open();
    core::OwedHook const hook{15, "A", "night A", UtcTime(Milliseconds(1763874600000))};
    EXPECT_THAT(*wait(journal_->owed_hooks()), ElementsAre(hook)) << "17 failed";
    auto const unfinished = *wait(journal_->unfinished());
    ASSERT_EQ(unfinished.size(), 2u);
    EXPECT_FALSE(unfinished[0].delayed_hook) << "a manual backup";
    EXPECT_TRUE(unfinished[1].delayed_hook);
    for (auto const& job : unfinished) EXPECT_EQ(job.revision, 0u);
    auto const runs = *wait(journal_->recent_runs(5));
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_THAT(runs[0].jobs, ElementsAre(15u, 16u, 17u));
    EXPECT_EQ(runs[0].phase, core::RunPhase::exporting);
    EXPECT_THAT(query("PRAGMA user_version"), ElementsAre(std::to_string(newest_schema())));
    for (auto const& file : files()) EXPECT_THAT(file, testing::Not(testing::HasSubstr("damaged")));
}

TEST_F(Migration, OnlyTheHooksThatARunOfVersion4HasNotRunAreOwed) {
    make_version(4);
    query("UPDATE runs SET phase = 'delayed_hooks', jobs = '[7,15,16,17]', delayed_hooks = '[15]' WHERE id = 4");
    open();
    auto const owed = *wait(journal_->owed_hooks());
    ASSERT_EQ(owed.size(), 1u);
    EXPECT_EQ(owed[0].job, 15u);
}

TEST_F(Migration, AJobOfVersion5HasNoClusterAndTakesOne) {
    make_version(5);
    open();
    auto const unfinished = *wait(journal_->unfinished());
    ASSERT_EQ(unfinished.size(), 2u);
    for (auto const& job : unfinished) EXPECT_EQ(job.cluster, core::ClusterId()) << job.id;
    auto job = unfinished[1];
    EXPECT_EQ(job.revision, 3u);
    job.cluster = {"1f1f1f1f-1111-4111-8111-111111111111", "hc-1", "10.0.0.1"};
    ASSERT_TRUE(wait(journal_->save(job)));
    open();
    EXPECT_EQ(wait(journal_->unfinished())->at(1), job);
    EXPECT_EQ(wait(journal_->owed_hooks())->size(), 1u);
    EXPECT_THAT(query("PRAGMA user_version"), ElementsAre(std::to_string(newest_schema())));
    for (auto const& file : files()) EXPECT_THAT(file, testing::Not(testing::HasSubstr("damaged")));
}

TEST_F(Migration, AJournalOfVersion6KeepsAllItsRecordsAndTakesDeletedBackups) {
    make_version(6);
    open();
    auto const unfinished = *wait(journal_->unfinished());
    ASSERT_EQ(unfinished.size(), 2u);
    EXPECT_EQ(unfinished[0].cluster, core::ClusterId());
    EXPECT_EQ(unfinished[1].cluster,
              (core::ClusterId{"1f1f1f1f-1111-4111-8111-111111111111", "hc-1", "10.0.0.1:8443"}));
    EXPECT_EQ(wait(journal_->recent(10))->size(), 6u);
    EXPECT_EQ(wait(journal_->recent_runs(5))->size(), 2u);
    EXPECT_EQ(wait(journal_->owed_hooks())->size(), 1u);
    EXPECT_EQ(wait(journal_->conditions())->size(), 1u);
    EXPECT_EQ(*wait(journal_->fact("installation")), "0123456789abcdef");
    EXPECT_THAT(*wait(journal_->deleted_backups()), testing::IsEmpty());
    core::DeletedBackup deleted;
    deleted.entry = "deleted-0123456789abcdef";
    deleted.backup = "night A";
    deleted.deleted = now_;
    ASSERT_TRUE(wait(journal_->add_deleted(deleted)));
    open();
    EXPECT_THAT(*wait(journal_->deleted_backups()), ElementsAre(deleted));
    EXPECT_THAT(query("PRAGMA user_version"), ElementsAre(std::to_string(newest_schema())));
    for (auto const& file : files()) EXPECT_THAT(file, testing::Not(testing::HasSubstr("damaged")));
}

TEST_F(Migration, AJournalOfVersion7KeepsAllItsRecordsAndTakesLinksOfVms) {
    make_version(7);
    open();
    EXPECT_THAT(*wait(journal_->unfinished()), testing::IsEmpty());
    auto const ended = *wait(journal_->recent(10));
    ASSERT_EQ(ended.size(), 6u);
    EXPECT_EQ(ended[2].kind, core::JobKind::restore);
    EXPECT_EQ(ended[2].vm_name, "A-restored");
    EXPECT_EQ(ended[0].cluster.host, "192.0.2.10");
    EXPECT_EQ(ended[0].end, core::ExportEnd::seen);
    auto const deleted = *wait(journal_->deleted_backups());
    ASSERT_EQ(deleted.size(), 1u);
    EXPECT_EQ(deleted[0].backup, "before the update");
    EXPECT_EQ(deleted[0].why, "a person deleted it");
    EXPECT_EQ(wait(journal_->recent_runs(5))->size(), 2u);
    EXPECT_EQ(*wait(journal_->fact("paused")), "yes");
    EXPECT_THAT(*wait(journal_->vm_links()), testing::IsEmpty());
    core::VmLink const link{deleted[0].vm, ended[2].vm, "1f1f1f1f-1111-4111-8111-111111111111", now_};
    ASSERT_TRUE(wait(journal_->add_vm_link(link)));
    open();
    EXPECT_THAT(*wait(journal_->vm_links()), ElementsAre(link));
    EXPECT_THAT(query("PRAGMA user_version"), ElementsAre(std::to_string(newest_schema())));
    for (auto const& file : files()) EXPECT_THAT(file, testing::Not(testing::HasSubstr("damaged")));
}

TEST_F(Migration, AJournalOfVersion8KeepsAllItsRecordsAndTakesTheManifestsOfDeletedBackups) {
    make_version(8);
    open();
    EXPECT_EQ(wait(journal_->recent(10))->size(), 6u);
    EXPECT_EQ(wait(journal_->recent_runs(5))->size(), 2u);
    EXPECT_EQ(wait(journal_->vm_links())->size(), 1u);
    auto deleted = *wait(journal_->deleted_backups());
    ASSERT_EQ(deleted.size(), 1u);
    EXPECT_EQ(deleted[0].backup, "before the update");
    EXPECT_EQ(deleted[0].manifest, "") << "not known";
    deleted[0].manifest = "before the update\n0a1b2c3d\n6\n2026-11-30T20:00:00Z";
    ASSERT_TRUE(wait(journal_->add_deleted(deleted[0])));
    open();
    EXPECT_THAT(*wait(journal_->deleted_backups()), ElementsAre(deleted[0]));
    EXPECT_THAT(query("PRAGMA user_version"), ElementsAre(std::to_string(newest_schema())));
    for (auto const& file : files()) EXPECT_THAT(file, testing::Not(testing::HasSubstr("damaged")));
}

TEST_F(Migration, AJournalOfVersion10VouchesForTheBackupsOfItsJobs) {
    make_version(10);
    open();
    EXPECT_EQ(wait(journal_->vm_links())->at(0).earlier_name, "A");
    auto const ended = *wait(journal_->recent(10));
    ASSERT_EQ(ended.size(), 6u);
    for (auto const& job : ended) {
        EXPECT_FALSE(job.is_claim) << job.id;
        EXPECT_EQ(job.size_bytes, 0u) << job.id << ": not known";
    }
    auto copies = *wait(journal_->trusted_copies());
    ASSERT_EQ(copies.size(), 5u) << "the restore made no backup";
    auto const& first = copies[0];
    EXPECT_EQ(first.backup, "2026-11-30_19-40-06 A");
    EXPECT_EQ(first.attempt, "70c5ccea");
    EXPECT_EQ(first.job, 1u);
    EXPECT_EQ(first.started, ended[5].posted);
    EXPECT_TRUE(first.scheduled);
    EXPECT_EQ(first.size_bytes, 1261568u) << "as it was expected";
    EXPECT_EQ(first.source, core::TrustSource::job);
    EXPECT_EQ(first.proof, "");
    EXPECT_FALSE(first.missing_since);
    EXPECT_FALSE(first.is_protected.has_value()) << "its manifest says it";
    EXPECT_FALSE(copies[2].scheduled);
    EXPECT_EQ(*wait(journal_->fact("claims")), std::nullopt) << "the others are checked";
    copies[0].proof = "proven";
    ASSERT_TRUE(wait(journal_->save_trusted({copies[0]}, {copies[1]})));
    open();
    EXPECT_EQ(wait(journal_->trusted_copies())->size(), 4u);
    EXPECT_EQ(wait(journal_->trusted_copies())->at(0), copies[0]);
    EXPECT_THAT(query("PRAGMA user_version"), ElementsAre(std::to_string(newest_schema())));
    for (auto const& file : files()) EXPECT_THAT(file, testing::Not(testing::HasSubstr("damaged")));
}

TEST_F(Migration, RunsTheMissingStepsInOrder) {
    make_version(1);
    std::array<char const*, 3> const steps{"never run",
                                           "ALTER TABLE jobs ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'",
                                           "UPDATE jobs SET colour = 'blue' WHERE id = 8"};
    auto database = Database::open(path_);
    migrate(database, steps);
    EXPECT_EQ(schema_of(database), 3);
    EXPECT_THAT(query("SELECT colour FROM jobs ORDER BY id"), ElementsAre("red", "blue", "red"));
    migrate(database, steps);
    EXPECT_EQ(schema_of(database), 3);
}

TEST_F(Migration, AFailedStepLeavesThePreviousVersionIntact) {
    make_version(1);
    std::array<char const*, 2> const steps{"never run",
                                           "DELETE FROM jobs; DROP TABLE runs; INSERT INTO nothing VALUES (1)"};
    auto database = Database::open(path_);
    EXPECT_THROW(migrate(database, steps), DatabaseError);
    EXPECT_EQ(schema_of(database), 1);
    EXPECT_THAT(query("SELECT count(*) FROM jobs"), ElementsAre("3"));
    EXPECT_THAT(query("SELECT count(*) FROM runs"), ElementsAre("1"));
}

}  // namespace
}  // namespace sb::journal
