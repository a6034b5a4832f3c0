// Scheduled runs and facts, and how the journal stays small.
#include "daemon/journal/prune.hpp"
#include "tests/unit/journal/journal_fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace sb::journal {
namespace {

core::Run full_run() {
    core::Run run;
    run.trigger = core::RunTrigger::command;
    run.phase = core::RunPhase::delayed_hooks;
    run.started = UtcTime(Milliseconds(1763874000123));
    run.jobs = {3, 1, 1ull << 53, 1ull << 63};
    run.revision = 7;
    run.succeeded = 2;
    run.failed = 1;
    run.deleted = {"2026-01-01_00-00-00 FILE 01", "O'Brien \"x\" \\ [1,2]"};
    run.behind = {"Größe", ""};
    run.not_reached = {"DB02", "O'Brien"};
    run.problems = {"PreSchedule: exit code 3\n'no'); DROP TABLE runs;--"};
    return run;
}

TEST_F(Journal, EveryFieldOfARunIsReadBackAfterReopening) {
    open();
    auto run = full_run();
    run.id = *wait(journal_->add_run(run));
    EXPECT_GT(run.id, 0u);
    core::Run plain;
    plain.id = *wait(journal_->add_run(plain));
    EXPECT_GT(plain.id, run.id);
    open();
    EXPECT_THAT(*wait(journal_->recent_runs(10)), testing::ElementsAre(plain, run));
    EXPECT_THAT(*wait(journal_->recent_runs(1)), testing::ElementsAre(plain));
    EXPECT_THAT(*wait(journal_->recent_runs(0)), testing::IsEmpty());
}

TEST_F(Journal, SavingARunReplacesItsRecord) {
    open();
    auto run = full_run();
    run.id = *wait(journal_->add_run(run));
    for (auto const phase : {core::RunPhase::pre_hook, core::RunPhase::exporting, core::RunPhase::delayed_hooks,
                             core::RunPhase::clean_up, core::RunPhase::post_hook, core::RunPhase::finished}) {
        run.phase = phase;
        run.jobs.push_back(run.jobs.size());
        if (phase == core::RunPhase::finished) run.finished = UtcTime(Milliseconds(1763874999999));
        ASSERT_TRUE(wait(journal_->save_run(run)));
        EXPECT_THAT(*wait(journal_->recent_runs(10)), testing::ElementsAre(run));
    }
    EXPECT_THAT(query("SELECT phase, finished, succeeded, failed, behind FROM runs"),
                testing::ElementsAre("finished|1763874999999|2|1|[\"Größe\",\"\"]"));
    run.id = 77;
    EXPECT_EQ(wait(journal_->save_run(run)).error().code, Errc::not_found);
}

TEST_F(Journal, AnUnreadableUnfinishedRunSetsTheJournalAside) {
    for (std::string const damage : {"phase = 'dancing'", "jobs = '[1,'", "jobs = '[\"x\"]'", "problems = '{}'"}) {
        open();
        ASSERT_TRUE(wait(journal_->add_run(full_run())));
        journal_.reset();
        query("UPDATE runs SET " + damage);
        open();
        EXPECT_TRUE(wait(journal_->recent_runs(10))->empty()) << damage;
    }
}

TEST_F(Journal, FactsOutliveTheProcess) {
    open();
    EXPECT_EQ(*wait(journal_->fact("paused")), std::nullopt);
    ASSERT_TRUE(wait(journal_->set_fact("paused", "yes")));
    ASSERT_TRUE(wait(journal_->set_fact("last seen", "1763874000123")));
    ASSERT_TRUE(wait(journal_->set_fact("paused", "")));
    std::string const strange("a'\0\"b", 5);
    ASSERT_TRUE(wait(journal_->set_fact("strange", strange)));
    open();
    EXPECT_EQ(*wait(journal_->fact("paused")), "") << "an empty fact is a fact";
    EXPECT_EQ(*wait(journal_->fact("last seen")), "1763874000123");
    EXPECT_EQ(*wait(journal_->fact("strange")), strange);
    EXPECT_EQ(*wait(journal_->fact("Paused")), std::nullopt);
}

TEST_F(Journal, ACopyOfTheFilesHasRunsAndFacts) {
    open();
    auto run = full_run();
    run.id = *wait(journal_->add_run(run));
    run.phase = core::RunPhase::clean_up;
    ASSERT_TRUE(wait(journal_->save_run(run)));
    ASSERT_TRUE(wait(journal_->set_fact("paused", "yes")));
    auto const copy = dir_ / "copy.db";
    fs::copy_file(path_, copy);
    fs::copy_file(path_.string() + "-wal", copy.string() + "-wal");
    path_ = copy;
    open();
    EXPECT_THAT(*wait(journal_->recent_runs(10)), testing::ElementsAre(run));
    EXPECT_EQ(*wait(journal_->fact("paused")), "yes");
}

class LongHistory : public Journal {
protected:
    /// Adds `count` finished jobs, each with two transitions, and as many finished runs, behind the journal's back.
    void grow(int count) const {
        query(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(count) +
            ") INSERT INTO jobs (kind, vm, vm_name, backup, definition_file, scheduled, phase, outcome,"
            " cancel_requested, error_code, error_context, disks, expected_bytes, tag_before, tag, percent, queued)"
            " SELECT 'backup', '', '', 'old', '', 1, 'finished', 'succeeded', 0, '', '', '[]', 0, '', '', 0, i FROM n");
        query(
            "INSERT INTO transitions SELECT id, 0, '', 'queued', '' FROM jobs WHERE backup = 'old'"
            " AND id NOT IN (SELECT job FROM transitions)"
            " UNION ALL SELECT id, 0, 'queued', 'finished', '' FROM jobs WHERE backup = 'old'"
            " AND id NOT IN (SELECT job FROM transitions)");
        query(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(count) +
            ") INSERT INTO runs (run_trigger, phase, started, jobs, delayed_hooks, succeeded, failed, deleted, behind,"
            " problems) SELECT 'window', 'finished', i, '[]', '[]', 0, 0, '[]', '[]', '[]' FROM n");
    }
    std::string one(std::string const& sql) const { return query(sql).at(0); }
};

TEST_F(LongHistory, OldFinishedRecordsAreDeletedAtStartupAndUnfinishedOnesStay) {
    open();
    auto job = full_job();
    job.id = add(job);
    auto run = full_run();
    run.id = *wait(journal_->add_run(run));
    journal_.reset();
    grow(max_finished_jobs + 7);
    auto const newest_job = one("SELECT max(id) FROM jobs");
    auto const newest_run = one("SELECT max(id) FROM runs");
    open();
    EXPECT_THAT(*wait(journal_->unfinished()), testing::ElementsAre(job));
    EXPECT_EQ(wait(journal_->recent_runs(1000000))->back(), run);
    EXPECT_EQ(one("SELECT count(*), max(id) FROM jobs WHERE phase = 'finished'"),
              std::to_string(max_finished_jobs) + "|" + newest_job);
    EXPECT_EQ(one("SELECT count(*), max(id) FROM runs WHERE phase = 'finished'"),
              std::to_string(max_finished_runs) + "|" + newest_run);
    EXPECT_EQ(one("SELECT count(*) FROM transitions WHERE job NOT IN (SELECT id FROM jobs)"), "0");
    EXPECT_EQ(one("SELECT count(*) FROM transitions"), std::to_string(2 * max_finished_jobs + 1));
    EXPECT_EQ(wait(journal_->recent(1))->front().id, std::stoull(newest_job));
}

TEST_F(LongHistory, NothingIsDeletedBelowTheLimits) {
    open();
    journal_.reset();
    grow(max_finished_runs);
    open();
    EXPECT_EQ(one("SELECT count(*) FROM jobs"), std::to_string(max_finished_runs));
    EXPECT_EQ(one("SELECT count(*) FROM runs"), std::to_string(max_finished_runs));
}

TEST_F(LongHistory, IsPrunedPeriodicallyWhileTheDaemonRuns) {
    open();
    grow(max_finished_jobs + 50);
    for (int i = 0; i < additions_between_prunings / 2; ++i) {
        add({});
        ASSERT_TRUE(wait(journal_->add_run({})));
    }
    EXPECT_EQ(one("SELECT count(*) FROM jobs WHERE phase = 'finished'"), std::to_string(max_finished_jobs));
    EXPECT_EQ(one("SELECT count(*) FROM runs WHERE phase = 'finished'"), std::to_string(max_finished_runs));
    EXPECT_EQ(wait(journal_->unfinished())->size(), additions_between_prunings / 2u);
}

}  // namespace
}  // namespace sb::journal
