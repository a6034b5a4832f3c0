#include "daemon/journal/schema.hpp"
#include "tests/unit/journal/journal_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <iostream>

namespace sb::journal {
namespace {

TEST_F(Journal, EveryFieldIsReadBackAfterReopening) {
    open();
    auto job = full_job();
    job.id = add(job);
    EXPECT_GT(job.id, 0u);
    core::Job plain;
    plain.id = add(plain);
    EXPECT_GT(plain.id, job.id);
    open();
    EXPECT_THAT(*wait(journal_->unfinished()), testing::ElementsAre(job, plain));
}

TEST_F(Journal, TheAttemptAndTheEndOfAnExportAreSavedWhenTheyAreKnown) {
    open();
    core::Job job;
    job.id = add(job);
    job.phase = Phase::preparing;
    job.attempt = "0a1b2c3d";
    job.inspected = "7 0 4:disk 0: 4:b\n:x\n";
    ASSERT_TRUE(wait(journal_->save(job)));
    for (auto const end : {core::ExportEnd::seen, core::ExportEnd::inferred, core::ExportEnd::failed,
                           core::ExportEnd::unflushed, core::ExportEnd::unknown}) {
        job.end = end;
        ASSERT_TRUE(wait(journal_->save(job)));
        open();
        EXPECT_THAT(*wait(journal_->unfinished()), testing::ElementsAre(job));
    }
    job.phase = Phase::finished;
    job.outcome = core::Outcome::failed;
    job.end = core::ExportEnd::failed;
    job.finished = now_;
    ASSERT_TRUE(wait(journal_->save(job)));
    EXPECT_THAT(*wait(journal_->recent(1)), testing::ElementsAre(job)) << "the clean-up finds its folder by these";
}

TEST_F(Journal, AnEndOfAnExportThatThisVersionDoesNotKnowIsUnknownAndNoDamage) {
    open();
    auto job = full_job();
    job.id = add(job);
    for (auto const* word : {"", "guessed"}) {
        journal_.reset();
        query("UPDATE jobs SET export_end = '" + std::string(word) + "'");
        open();
        job.end = core::ExportEnd::unknown;
        EXPECT_THAT(*wait(journal_->unfinished()), testing::ElementsAre(job)) << word;
    }
    EXPECT_THAT(files(), testing::Not(testing::Contains(testing::HasSubstr("damaged"))));
}

TEST_F(Journal, KeepsFinishedJobsNewestFirst) {
    open();
    std::vector<JobId> ids;
    for (int i = 0; i < 5; ++i) {
        core::Job job;
        job.id = add(job);
        job.phase = Phase::finished;
        job.outcome = core::Outcome::failed;
        job.finished = UtcTime(Milliseconds(1000 - i));
        ASSERT_TRUE(wait(journal_->save(job)));
        ids.push_back(job.id);
    }
    auto const recent = *wait(journal_->recent(3));
    ASSERT_EQ(recent.size(), 3u);
    EXPECT_EQ(recent[0].id, ids[4]);
    EXPECT_EQ(recent[2].id, ids[2]);
    EXPECT_TRUE(wait(journal_->unfinished())->empty());
    EXPECT_EQ(wait(journal_->find(ids[1]))->id, ids[1]);
    EXPECT_EQ(wait(journal_->find(999)).error().code, Errc::not_found);
}

TEST_F(Journal, RecordsTransitionsOnlyWhenThePhaseChanges) {
    open();
    core::Job job;
    job.id = add(job);
    job.percent = 3;
    ASSERT_TRUE(wait(journal_->save(job)));
    job.phase = Phase::preparing;
    ASSERT_TRUE(wait(journal_->save(job)));
    job.phase = Phase::finished;
    job.error = Error{Errc::rejected, "no such VM"};
    ASSERT_TRUE(wait(journal_->save(job)));
    EXPECT_THAT(query("SELECT job, at, from_phase, to_phase, note FROM transitions ORDER BY rowid"),
                testing::ElementsAre("1|1763874111222||queued|", "1|1763874111222|queued|preparing|",
                                     "1|1763874111222|preparing|finished|no such VM"));
}

TEST_F(Journal, AnUnknownJobIsNotSavedSilently) {
    open();
    core::Job job;
    job.id = 77;
    EXPECT_EQ(wait(journal_->save(job)).error().code, Errc::not_found);
}

TEST_F(Journal, AnIdIsNeverReused) {
    open();
    auto const id = add({});
    query("DELETE FROM jobs");
    EXPECT_GT(add({}), id);
}

TEST_F(Journal, SurvivesPowerFailures) {
    open();
    EXPECT_THAT(query("PRAGMA journal_mode"), testing::ElementsAre("wal"));
    EXPECT_THAT(query("PRAGMA user_version"), testing::ElementsAre(std::to_string(newest_schema())));
}

TEST_F(Journal, ACopyOfTheFilesHasEverythingThatWasAnswered) {
    open();
    core::Job job = full_job();
    job.id = add(job);
    job.phase = Phase::inspecting;
    ASSERT_TRUE(wait(journal_->save(job)));
    // As after a crash: the database and its log, without a clean close. SQLite rebuilds the shared memory file.
    auto const copy = dir_ / "copy.db";
    fs::copy_file(path_, copy);
    fs::copy_file(path_.string() + "-wal", copy.string() + "-wal");
    // A last transaction that was only half written is dropped; the ones before it stay.
    std::ofstream(copy.string() + "-wal", std::ios::binary | std::ios::app) << std::string(2000, 'x');
    path_ = copy;
    open();
    EXPECT_THAT(*wait(journal_->unfinished()), testing::ElementsAre(job));
    EXPECT_THAT(files(), testing::Not(testing::Contains(testing::HasSubstr("damaged"))));
}

TEST_F(Journal, ADamagedFileIsSetAsideAndANewOneIsStarted) {
    open();
    add(full_job());
    journal_.reset();
    std::fstream(path_, std::ios::binary | std::ios::in | std::ios::out) << "this is no longer a database";
    open();
    EXPECT_TRUE(wait(journal_->unfinished())->empty());
    EXPECT_GT(add({}), 0u);
    EXPECT_THAT(files(), testing::Contains("journal.db.damaged-1763874111"));
    journal_.reset();
    fs::remove(path_);
    std::ofstream(path_, std::ios::binary) << std::string(5000, '\x7f');
    open();
    EXPECT_THAT(files(), testing::Contains("journal.db.damaged-1763874111-1"));
}

TEST_F(Journal, DamageInTheMiddleIsFoundAtStartup) {
    open();
    for (int i = 0; i < 50; ++i) add(full_job());
    journal_.reset();
    auto const size = fs::file_size(path_);
    ASSERT_GT(size, 20000u);
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(8192);
    file << std::string(8192, '\xee');
    file.close();
    open();
    EXPECT_TRUE(wait(journal_->unfinished())->empty());
    EXPECT_THAT(files(), testing::Contains("journal.db.damaged-1763874111"));
}

TEST_F(Journal, AFileWithANewerSchemaIsSetAsideAndNotChanged) {
    open();
    add(full_job());
    journal_.reset();
    query("PRAGMA user_version = 99");
    open();
    EXPECT_TRUE(wait(journal_->unfinished())->empty());
    EXPECT_THAT(query("SELECT count(*) FROM jobs", dir_ / "journal.db.damaged-1763874111"), testing::ElementsAre("1"));
}

TEST_F(Journal, AnUnreadableUnfinishedJobSetsTheJournalAside) {
    open();
    add(full_job());
    journal_.reset();
    query("UPDATE jobs SET phase = 'dancing'");
    open();
    EXPECT_TRUE(wait(journal_->unfinished())->empty());
}

TEST_F(Journal, AReadOnlyFolderIsAnErrorAndNothingIsSetAside) {
    path_ = dir_ / "missing folder" / "journal.db";
    auto const opened = open_journal(pool_, path_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::io);
    EXPECT_THAT(opened.error().context, testing::HasSubstr("missing folder"));
    EXPECT_TRUE(files().empty());
}

TEST_F(Journal, StaysQuickWithManyJobs) {
    open();
    auto job = full_job();
    job.phase = Phase::finished;
    add(job);
    auto const columns = query("SELECT group_concat(name) FROM pragma_table_info('jobs') WHERE name <> 'id'").at(0);
    query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO jobs(id, " +
          columns + ") SELECT 1 + i, " + columns + " FROM jobs, n");
    auto const timed = [](char const* what, auto&& call) {
        auto const start = std::chrono::steady_clock::now();
        call();
        std::cout
            << what << ": "
            << std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count()
            << " us\n";
    };
    timed("open with 10000 jobs", [&] { open(); });
    timed("recent(100)", [&] { EXPECT_EQ(wait(journal_->recent(100))->size(), 100u); });
    timed("unfinished", [&] { EXPECT_TRUE(wait(journal_->unfinished())->empty()); });
    timed("100 x add and save", [&] {
        for (int i = 0; i < 100; ++i) {
            core::Job fresh;
            fresh.id = add(fresh);
            fresh.phase = Phase::preparing;
            EXPECT_TRUE(wait(journal_->save(fresh)));
        }
    });
    EXPECT_EQ(wait(journal_->recent(1))->front().id, 10001u);
}

TEST_F(Journal, ItsFilesAreForTheDaemonsUserAloneWhateverTheUmask) {
    auto const before = ::umask(0);
    open();
    add(full_job());
    ::umask(before);
    for (std::string const part : {"", "-wal", "-shm"})
        EXPECT_EQ(fs::status(path_.string() + part).permissions(), fs::perms{0600}) << part;
}

}  // namespace
}  // namespace sb::journal
