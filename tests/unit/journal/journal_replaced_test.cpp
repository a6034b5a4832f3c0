// A lost journal: the daemon reports it and restores the history from the backups.
#include "daemon/core/rebuild_history.hpp"
#include "tests/unit/journal/journal_fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace sb::journal {
namespace {

using testing::HasSubstr;

class JournalReplaced : public Journal {
protected:
    static core::Job from_manifest(JobId id) {
        core::Job job;
        job.id = id;
        job.vm_name = "FILE01";
        job.backup = "b" + std::to_string(id);
        job.phase = Phase::finished;
        job.outcome = core::Outcome::succeeded;
        job.finished = UtcTime(Milliseconds(1763874000000));
        return job;
    }
};

TEST_F(JournalReplaced, TheFirstOneNeedsARebuildOnceAndHasLostNothing) {
    open();
    EXPECT_TRUE(*wait(journal_->needs_rebuild()));
    ASSERT_TRUE(wait(journal_->rebuild_history({}, "")));
    EXPECT_FALSE(*wait(journal_->needs_rebuild()));
    open();
    EXPECT_FALSE(*wait(journal_->needs_rebuild()));
    EXPECT_FALSE(*wait(journal_->journal_replaced()));
}

TEST_F(JournalReplaced, RebuiltJobsGetTheNextNumbersInTheirOrder) {
    open();
    auto const first = add({});
    ASSERT_TRUE(wait(journal_->rebuild_history({from_manifest(17), from_manifest(first), from_manifest(40)},
                                               "the journal was missing")));
    EXPECT_EQ(wait(journal_->unfinished())->size(), 1u) << "a job keeps its id";
    auto const ended = *wait(journal_->recent(10));
    ASSERT_EQ(ended.size(), 3u);
    EXPECT_EQ(ended[0].id, 4u);
    EXPECT_EQ(ended[0].backup, "b40");
    EXPECT_EQ(ended[2].backup, "b17");
    EXPECT_EQ(add({}), 5u);
    EXPECT_EQ((*wait(journal_->journal_replaced()))->why, "the journal was missing");
}

TEST_F(JournalReplaced, ARebuiltJobKeepsANumberThatIsFreeAndAlreadyPassed) {
    open();
    ASSERT_TRUE(wait(journal_->raise_next_id(40)));
    ASSERT_TRUE(wait(journal_->rebuild_history({from_manifest(17), from_manifest(40), from_manifest(41)}, "")));
    auto const ended = *wait(journal_->recent(10));
    ASSERT_EQ(ended.size(), 3u);
    EXPECT_EQ(ended[2], from_manifest(17));
    EXPECT_EQ(ended[1], from_manifest(40));
    EXPECT_EQ(ended[0], from_manifest(41)) << "the next one";
    EXPECT_EQ(add({}), 42u);
}

TEST_F(JournalReplaced, AnExportWhoseJobTheJournalKnowsIsNotAddedAgain) {
    open();
    auto job = full_job();
    job.kind = core::JobKind::backup;
    job.id = add(job);
    auto same = from_manifest(900);
    same.vm = job.vm;
    same.attempt = job.attempt;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(wait(journal_->rebuild_history({same, from_manifest(30)}, "")));
    EXPECT_EQ(wait(journal_->recent(10))->size(), 1u);
    EXPECT_EQ(*wait(journal_->newest_job()), job.id + 1);
}

TEST_F(JournalReplaced, AnOlderOneThatWasPutBackIsNotedAlsoIfAnEarlierLossWas) {
    open();
    ASSERT_TRUE(wait(journal_->rebuild_history({from_manifest(3)}, "it was missing")));
    EXPECT_EQ(*wait(journal_->newest_job()), 1u);
    ASSERT_TRUE(wait(journal_->rebuild_history({from_manifest(7)}, "an older one was put back")));
    EXPECT_EQ((*wait(journal_->journal_replaced()))->why, "an older one was put back");
    EXPECT_EQ(*wait(journal_->newest_job()), 2u);
    ASSERT_TRUE(wait(journal_->rebuild_history({from_manifest(8)}, "")));
    EXPECT_EQ((*wait(journal_->journal_replaced()))->why, "an older one was put back") << "nothing was lost";
}

/// Anyone who can write into the share can claim any number; SQLite gives none after 2^63 - 1.
TEST_F(JournalReplaced, NoClaimUsesUpTheIds) {
    open();
    constexpr JobId believable = 1000000000000, beyond_json = JobId{1} << 53, last_of_sqlite = (JobId{1} << 63) - 1;
    std::vector<core::Job> planted;
    for (auto const claimed : {JobId{0}, JobId{3}, believable, beyond_json, last_of_sqlite, ~JobId{0}})
        planted.push_back(from_manifest(claimed));
    ASSERT_TRUE(wait(journal_->rebuild_history(planted, "")));
    ASSERT_TRUE(wait(journal_->raise_next_id(last_of_sqlite)));
    EXPECT_EQ(*wait(journal_->newest_job()), planted.size());
    EXPECT_EQ(wait(journal_->recent(10))->size(), planted.size());
    EXPECT_EQ(add({}), planted.size() + 1);
}

TEST_F(JournalReplaced, ClaimsOfALaterJobsNumberTakeItNotAway) {
    open();
    std::vector<core::Job> planted;
    for (int i = 0; i < 5; ++i) {
        planted.push_back(from_manifest(2));
        planted.back().attempt = "fffffff" + std::to_string(i);
    }
    ASSERT_EQ(add({}), 1u);
    ASSERT_TRUE(wait(journal_->rebuild_history(planted, "")));
    EXPECT_EQ(add({}), 7u) << "six numbers are in use";
    EXPECT_EQ(wait(journal_->unfinished())->size(), 2u);
}

TEST_F(JournalReplaced, ManyClaimsDoNotDisplaceTheJobsOfTheJournal) {
    open();
    auto const claims = [this](std::size_t first, std::size_t count) {
        std::vector<core::Job> jobs;
        for (auto id = first; id < first + count; ++id) {
            jobs.push_back(from_manifest(id));
            jobs.back().is_claim = true;
        }
        return wait(journal_->rebuild_history(std::move(jobs), "")).has_value();
    };
    ASSERT_TRUE(claims(1, core::max_claimed_jobs - 1));
    ASSERT_TRUE(claims(10000, 100));
    auto const all = *wait(journal_->recent(ports::journal_depth));
    EXPECT_EQ(all.size(), core::max_claimed_jobs);
    EXPECT_EQ(all.front().backup, "b10099") << "the newest";
}

TEST_F(JournalReplaced, AJournalWhoseIdsAnEarlierVersionUsedUpGivesIdsAgain) {
    open();
    ASSERT_TRUE(wait(journal_->rebuild_history({from_manifest(3), from_manifest(4)}, "")));
    journal_.reset();
    query("UPDATE jobs SET id = 9223372036854775807 WHERE id = 2");
    query("UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'jobs'");
    open();
    EXPECT_EQ(add({}), 2u);
    EXPECT_EQ(wait(journal_->recent(10))->size(), 1u) << "only the impossible one is gone";
}

TEST_F(JournalReplaced, AnIdIsNeverGivenTwiceAfterItWasRaised) {
    open();
    EXPECT_EQ(*wait(journal_->newest_job()), 0u);
    EXPECT_EQ(add({}), 1u);
    ASSERT_TRUE(wait(journal_->raise_next_id(40)));
    ASSERT_TRUE(wait(journal_->raise_next_id(17))) << "it never goes down";
    EXPECT_EQ(*wait(journal_->newest_job()), 40u);
    open();
    EXPECT_EQ(add({}), 41u);
    ASSERT_TRUE(wait(journal_->raise_next_id(60)));
    for (auto const& name : files()) fs::remove(dir_ / name);
    EXPECT_EQ(add({}), 61u) << "nor in the file that replaces a lost one";
}

TEST_F(JournalReplaced, TheReasonOfADamagedOneIsKept) {
    std::ofstream(path_) << "this is not a database";
    open();
    auto const replaced = *wait(journal_->journal_replaced());
    ASSERT_TRUE(replaced);
    EXPECT_EQ(replaced->at, now_ - now_.time_since_epoch() % std::chrono::seconds(1));
    EXPECT_THAT(replaced->why, HasSubstr("set aside as '" + path_.string() + ".damaged-"));
    ASSERT_TRUE(wait(journal_->rebuild_history({from_manifest(3)}, "it was missing")));
    open();
    EXPECT_EQ((*wait(journal_->journal_replaced()))->why, replaced->why);
}

TEST_F(JournalReplaced, AStateDirectoryThatVanishesWhileRunningIsRecreatedAndRunningJobsAreRecordedAgain) {
    auto const state = dir_ / "state";
    fs::create_directory(state);
    path_ = state / "journal.db";
    open();
    auto job = full_job();
    job.id = add(job);
    fs::remove_all(state);
    job.percent = 80;
    ASSERT_TRUE(wait(journal_->save(job)));
    EXPECT_EQ(fs::status(state).permissions(), fs::perms::owner_all);
    EXPECT_THAT((*wait(journal_->journal_replaced()))->why, HasSubstr("removed or replaced"));
    open();
    EXPECT_THAT(*wait(journal_->unfinished()), testing::ElementsAre(job));
    EXPECT_GT(add({}), job.id);
}

/// A long job may have no transition for hours, and the daemon may be stopped in between.
TEST_F(JournalReplaced, RunningJobsAreRecordedAgainByTheFirstCallThatMissesTheFile) {
    open();
    auto job = full_job();
    job.id = add(job);
    auto ended = full_job();
    ended.id = add(ended);
    ended.phase = Phase::finished;
    ASSERT_TRUE(wait(journal_->save(ended)));
    core::Run run;
    run.phase = core::RunPhase::exporting;
    run.jobs = {job.id};
    run.id = *wait(journal_->add_run(run));
    ASSERT_TRUE(wait(journal_->set_fact("paused", "yes")));
    open();  // records of an earlier process count too
    job.percent = 80;
    ASSERT_TRUE(wait(journal_->save(job)));
    for (auto const& name : files()) fs::remove(dir_ / name);
    ASSERT_TRUE(wait(journal_->set_fact("x", "y")));
    open();
    EXPECT_THAT(*wait(journal_->unfinished()), testing::ElementsAre(job));
    EXPECT_THAT(*wait(journal_->recent_runs(9)), testing::ElementsAre(run));
    EXPECT_EQ(*wait(journal_->fact("paused")), "yes") << "the schedule was not resumed";
    EXPECT_EQ(*wait(journal_->fact("x")), "y");
    EXPECT_TRUE(*wait(journal_->needs_rebuild()));
    EXPECT_GT(add({}), ended.id) << "ids are never reused, not even that of a job that is only known from its manifest";
    EXPECT_THAT(query("SELECT to_phase FROM transitions WHERE job = " + std::to_string(job.id)),
                testing::ElementsAre("following"));
}

TEST_F(JournalReplaced, AnOlderCopyThatReplacesItIsUpdated) {
    open();
    auto job = full_job();
    job.phase = Phase::posting;
    job.id = add(job);
    auto const state = dir_ / "journal.db";
    journal_.reset();
    fs::copy_file(state, dir_ / "earlier");
    open();
    job.phase = Phase::following;
    ASSERT_TRUE(wait(journal_->save(job)));
    fs::remove(state.string() + "-wal");
    fs::remove(state.string() + "-shm");
    fs::rename(dir_ / "earlier", state);
    ASSERT_TRUE(wait(journal_->fact("x")));
    open();
    EXPECT_THAT(*wait(journal_->unfinished()), testing::ElementsAre(job));
}

TEST_F(JournalReplaced, AStateDirectoryThatCannotBeRecreatedIsAnErrorUntilItCan) {
    auto const state = dir_ / "state";
    fs::create_directory(state);
    path_ = state / "journal.db";
    open();
    auto const id = add(full_job());
    fs::remove_all(state);
    std::ofstream(state) << "a file in its place";
    auto job = full_job();
    job.id = id;
    EXPECT_FALSE(wait(journal_->save(job)));
    EXPECT_FALSE(wait(journal_->save(job)));
    fs::remove(state);
    EXPECT_TRUE(wait(journal_->save(job)));
    EXPECT_EQ(wait(journal_->unfinished())->size(), 1u);
}

}  // namespace
}  // namespace sb::journal
