// Records that arrive late or again, and what is recorded in one transaction.
#include "tests/unit/journal/journal_fixture.hpp"

#include <gmock/gmock.h>

namespace sb::journal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

core::Job succeeded(core::Job job) {
    job.kind = core::JobKind::backup;
    job.phase = Phase::finished;
    job.outcome = core::Outcome::succeeded;
    job.finished = UtcTime(Milliseconds(1763874000999));
    ++job.revision;
    return job;
}

class Revisions : public Journal {};
class OwedHookRows : public Journal {
protected:
    core::Job add_succeeded() {
        auto job = full_job();
        job.id = add(job);
        auto const ended = succeeded(job);
        EXPECT_TRUE(wait(journal_->save(ended)));
        return ended;
    }
    static core::OwedHook hook_of(core::Job const& job) { return {job.id, job.vm_name, job.backup, *job.finished}; }
};

TEST_F(Revisions, AnOlderRecordOfAJobIsWithoutEffect) {
    open();
    auto job = full_job();
    job.id = add(job);
    auto older = job;
    job.revision += 2;
    job.percent = 80;
    ASSERT_TRUE(wait(journal_->save(job)));
    older.revision += 1;
    older.phase = Phase::preparing;
    EXPECT_TRUE(wait(journal_->save(older)));
    EXPECT_THAT(*wait(journal_->unfinished()), ElementsAre(job));
    EXPECT_THAT(query("SELECT to_phase FROM transitions"), ElementsAre("following"));
    open();
    EXPECT_THAT(*wait(journal_->unfinished()), ElementsAre(job));
}

TEST_F(Revisions, AnOlderRecordDoesNotReturnWithAJournalThatIsReplaced) {
    open();
    auto job = full_job();
    job.id = add(job);
    auto older = job;
    ++job.revision;
    job.percent = 80;
    ASSERT_TRUE(wait(journal_->save(job)));
    ASSERT_TRUE(wait(journal_->save(older)));
    for (auto const& name : files()) fs::remove(dir_ / name);
    ASSERT_TRUE(wait(journal_->set_fact("x", "y")));
    EXPECT_THAT(*wait(journal_->unfinished()), ElementsAre(job));
}

TEST_F(Revisions, AnOlderRecordOfARunIsWithoutEffect) {
    open();
    core::Run run;
    run.revision = 5;
    run.id = *wait(journal_->add_run(run));
    auto older = run;
    run.revision = 7;
    run.phase = core::RunPhase::clean_up;
    ASSERT_TRUE(wait(journal_->save_run(run)));
    older.revision = 6;
    EXPECT_TRUE(wait(journal_->save_run(older)));
    EXPECT_THAT(*wait(journal_->recent_runs(9)), ElementsAre(run));
}

TEST_F(Revisions, AJobAndItsRunAreRecordedTogetherOrNotAtAll) {
    open();
    core::Run run;
    auto const first = *wait(journal_->add_to_run(full_job(), run));
    run.id = first.run;
    run.jobs = {first.job};
    EXPECT_THAT(*wait(journal_->recent_runs(9)), ElementsAre(run));
    auto const second = *wait(journal_->add_to_run(full_job(), run));
    EXPECT_EQ(second.run, run.id);
    run.jobs.push_back(second.job);
    open();
    EXPECT_THAT(*wait(journal_->recent_runs(9)), ElementsAre(run));
    EXPECT_EQ(wait(journal_->unfinished())->size(), 2u);
    run.id = 77;
    EXPECT_EQ(wait(journal_->add_to_run(full_job(), run)).error().code, Errc::not_found);
    EXPECT_EQ(wait(journal_->unfinished())->size(), 2u);
}

TEST_F(OwedHookRows, AreAddedWithTheSuccessOfTheJobAndSettledOnce) {
    open();
    auto job = add_succeeded();
    EXPECT_THAT(*wait(journal_->owed_hooks()), ElementsAre(hook_of(job)));
    open();
    EXPECT_THAT(*wait(journal_->owed_hooks()), ElementsAre(hook_of(job)));
    ASSERT_TRUE(wait(journal_->settle_hook(job.id, "PostBackup: exit code 3")));
    EXPECT_THAT(*wait(journal_->owed_hooks()), IsEmpty());
    EXPECT_EQ(wait(journal_->find(job.id))->warnings.back(), "PostBackup: exit code 3");
    ASSERT_TRUE(wait(journal_->save(job)));
    EXPECT_THAT(*wait(journal_->owed_hooks()), IsEmpty()) << "the job had succeeded before";
    EXPECT_EQ(wait(journal_->find(job.id))->warnings.back(), "PostBackup: exit code 3") << "the record was older";
    EXPECT_TRUE(wait(journal_->settle_hook(job.id, "")));
    EXPECT_TRUE(wait(journal_->settle_hook(77, "of a job that is no longer recorded")));
}

TEST_F(OwedHookRows, AreOfJobsThatSucceededAndWhoseHookIsDelayed) {
    open();
    auto const ended = [&](auto&& change) {
        auto job = full_job();
        job.id = add(job);
        auto other = succeeded(job);
        change(other);
        ASSERT_TRUE(wait(journal_->save(other)));
    };
    ended([](core::Job& job) { job.delayed_hook = false; });
    ended([](core::Job& job) { job.outcome = core::Outcome::failed; });
    ended([](core::Job& job) { job.phase = Phase::committing; });
    EXPECT_THAT(*wait(journal_->owed_hooks()), IsEmpty());
}

TEST_F(OwedHookRows, SurviveAJournalThatIsReplacedWhileTheDaemonRuns) {
    open();
    auto const settled = add_succeeded();
    auto const owed = add_succeeded();
    ASSERT_TRUE(wait(journal_->settle_hook(settled.id, "")));
    for (auto const& name : files()) fs::remove(dir_ / name);
    ASSERT_TRUE(wait(journal_->set_fact("x", "y")));
    open();
    EXPECT_THAT(*wait(journal_->owed_hooks()), ElementsAre(hook_of(owed)));
}

}  // namespace
}  // namespace sb::journal
