// A journal that cannot be written for a while: what runs goes on, nothing vanishes, and all is written down in the end.
#include "tests/simulation/engine_bench.hpp"

#include <algorithm>

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

struct FullJournal : ::testing::Test {
    EngineBench bench;
    JobId id = 0;

    void SetUp() override {
        bench.cluster.add_vm("FILE01");
        id = bench.backup("FILE01", "nightly");
        bench.time.run_for(2s);
        ASSERT_EQ(bench.journal.jobs[id].phase, Phase::following);
        bench.journal.full = true;
        bench.time.run_for(1min);
        ASSERT_EQ(bench.journal.jobs[id].phase, Phase::following) << "nothing could be written";
    }
};

TEST_F(FullJournal, AJobThatEndedIsStillShownAndFound) {
    EXPECT_TRUE(bench.catalog.manifests.contains("nightly"));
    EXPECT_TRUE(bench.engine->unfinished_jobs().empty());
    auto const jobs = *bench.get(bench.engine->list_jobs(10));
    EXPECT_EQ(std::ranges::count(jobs, id, &Job::id), 1);
    EXPECT_EQ(bench.get(bench.engine->find_job(id))->outcome, Outcome::succeeded);
    EXPECT_EQ(bench.get(bench.engine->cancel(id)).error().code, Errc::refused);
}

TEST_F(FullJournal, ItsEndIsRecordedOnceThereIsRoom) {
    bench.journal.full = false;
    bench.time.run_for(1min);
    EXPECT_EQ(bench.journal.jobs[id].outcome, Outcome::succeeded);
    auto const jobs = *bench.get(bench.engine->list_jobs(10));
    EXPECT_EQ(std::ranges::count(jobs, id, &Job::id), 1);
}

TEST_F(FullJournal, NothingNewIsOrderedMeanwhile) {
    auto const exports = bench.cluster.requests;
    EXPECT_EQ(bench.get(bench.engine->submit_backup("FILE01", "second")).error().code, Errc::no_space);
    bench.time.run_for(10min);
    EXPECT_FALSE(bench.catalog.folders.contains("second"));
    EXPECT_LE(bench.cluster.requests, exports + 2);
}

TEST_F(FullJournal, ASuccessorTakesUpWhatWasNotWrittenAndCommitsNothingTwice) {
    auto const manifest = bench.catalog.manifests["nightly"];
    bench.stop_engine();
    bench.journal.full = false;
    bench.start_engine();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.journal.jobs[id].outcome, Outcome::succeeded);
    EXPECT_EQ(bench.catalog.manifests["nightly"], manifest);
}

}  // namespace
