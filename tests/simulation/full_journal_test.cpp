// A journal that cannot be written for a while: running jobs continue, nothing disappears, and everything is recorded
// in the end.
#include "tests/simulation/engine_fixture.hpp"

#include <algorithm>

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

struct FullJournal : ::testing::Test {
    EngineFixture fixture;
    JobId id = 0;

    void SetUp() override {
        fixture.cluster.add_vm("FILE01");
        id = fixture.backup("FILE01", "nightly");
        fixture.time.run_for(2s);
        ASSERT_EQ(fixture.journal.jobs[id].phase, Phase::following);
        fixture.journal.full = true;
        fixture.time.run_for(1min);
        ASSERT_EQ(fixture.journal.jobs[id].phase, Phase::following) << "nothing could be written";
    }
};

TEST_F(FullJournal, AFinishedJobIsStillListedAndFound) {
    EXPECT_TRUE(fixture.catalog.manifests.contains("nightly"));
    EXPECT_TRUE(fixture.engine->unfinished_jobs().empty());
    auto const jobs = *fixture.get(fixture.engine->list_jobs(10));
    EXPECT_EQ(std::ranges::count(jobs, id, &Job::id), 1);
    EXPECT_EQ(fixture.get(fixture.engine->find_job(id))->outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.get(fixture.engine->cancel(id)).error().code, Errc::refused);
}

TEST_F(FullJournal, ItsEndIsRecordedOnceThereIsSpace) {
    fixture.journal.full = false;
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.journal.jobs[id].outcome, Outcome::succeeded);
    auto const jobs = *fixture.get(fixture.engine->list_jobs(10));
    EXPECT_EQ(std::ranges::count(jobs, id, &Job::id), 1);
}

TEST_F(FullJournal, ItsEndIsRecordedWithinASecondOnceSomethingElseCouldBeWritten) {
    auto const before = fixture.journal.writes;
    for (int second = 0; second < 60 && fixture.journal.writes == before; ++second) fixture.time.run_for(1s);
    ASSERT_GT(fixture.journal.writes, before) << "a retry: the next one would come 30 seconds later";
    ASSERT_TRUE(fixture.condition(ConditionKind::journal_unwritable));
    fixture.journal.full = false;
    fixture.conditions->clear(ConditionKind::journal_unwritable);
    fixture.time.run_for(2s);
    EXPECT_EQ(fixture.journal.jobs[id].outcome, Outcome::succeeded);
}

TEST_F(FullJournal, NothingNewIsRequestedMeanwhile) {
    auto const exports = fixture.cluster.requests;
    EXPECT_EQ(fixture.get(fixture.engine->submit_backup("FILE01", "second")).error().code, Errc::no_space);
    fixture.time.run_for(10min);
    EXPECT_FALSE(fixture.catalog.folders.contains("second"));
    EXPECT_LE(fixture.cluster.requests, exports + 2);
}

TEST_F(FullJournal, ARestartedDaemonResumesUnrecordedJobsAndCommitsNothingTwice) {
    auto const manifest = fixture.catalog.manifests["nightly"];
    fixture.stop_engine();
    fixture.journal.full = false;
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.journal.jobs[id].outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.catalog.manifests["nightly"], manifest);
}

}  // namespace
