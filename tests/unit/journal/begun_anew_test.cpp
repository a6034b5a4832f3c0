// A journal that was lost: said, and given back what the backups tell.
#include "tests/unit/journal/journal_bench.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace sb::journal {
namespace {

using testing::HasSubstr;

class BegunAnew : public Journal {
protected:
    static core::Job told(JobId id) {
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

TEST_F(BegunAnew, TheFirstOneWantsARecollectionOnceAndHasLostNothing) {
    open();
    EXPECT_TRUE(*wait(journal_->wants_recollection()));
    ASSERT_TRUE(wait(journal_->recollect({}, "")));
    EXPECT_FALSE(*wait(journal_->wants_recollection()));
    open();
    EXPECT_FALSE(*wait(journal_->wants_recollection()));
    EXPECT_FALSE(*wait(journal_->begun_anew()));
}

TEST_F(BegunAnew, RecollectedJobsKeepTheirIdsAndNewOnesGetHigherIds) {
    open();
    auto const first = add({});
    ASSERT_TRUE(wait(journal_->recollect({told(first), told(40), told(17)}, "the journal was missing")));
    EXPECT_EQ(wait(journal_->unfinished())->size(), 1u) << "an id that is taken stays whose it is";
    auto const ended = *wait(journal_->recent(10));
    ASSERT_EQ(ended.size(), 2u);
    EXPECT_EQ(ended[0], told(40));
    EXPECT_EQ(add({}), 41u);
    EXPECT_EQ((*wait(journal_->begun_anew()))->why, "the journal was missing");
}

TEST_F(BegunAnew, TheReasonOfADamagedOneSurvivesAndIsNotReplaced) {
    std::ofstream(path_) << "this is no database";
    open();
    auto const anew = *wait(journal_->begun_anew());
    ASSERT_TRUE(anew);
    EXPECT_EQ(anew->at, now_ - now_.time_since_epoch() % std::chrono::seconds(1));
    EXPECT_THAT(anew->why, HasSubstr("set aside as '" + path_.string() + ".damaged-"));
    ASSERT_TRUE(wait(journal_->recollect({told(3)}, "it was missing")));
    open();
    EXPECT_EQ((*wait(journal_->begun_anew()))->why, anew->why);
}

TEST_F(BegunAnew, AStateDirectoryThatVanishesInMidRunIsMadeAgainAndWhatRunsIsRecordedAgain) {
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
    EXPECT_THAT((*wait(journal_->begun_anew()))->why, HasSubstr("taken away or replaced"));
    open();
    EXPECT_THAT(*wait(journal_->unfinished()), testing::ElementsAre(job));
    EXPECT_GT(add({}), job.id);
}

TEST_F(BegunAnew, AStateDirectoryThatCannotBeMadeAgainIsAnErrorUntilItCan) {
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
