// What became of an order whose answer, or whose tag, was lost: only a cluster that answers, and a folder that can be
// seen, decide that nothing came of it.
#include "tests/simulation/schedule_bench.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

Error no_route() { return {Errc::unreachable, "no route to host"}; }

/// The order is taken, and its answer is lost because the cluster goes away.
void go_away_with_the_next_order(EngineBench& bench, std::string const& vm, bool folder_appears) {
    bench.cluster.lose_answer.insert(vm);
    bench.cluster.on_begin = [&bench, folder_appears](FakeCluster::Run const& run) {
        if (folder_appears) bench.catalog.folders.insert(run.folder);
        bench.cluster.unreachable = no_route();
    };
}

/// No task tells of anything any more.
void forget_all_tasks(FakeCluster& cluster) {
    cluster.knows_tags = false;
    cluster.lists_tasks = false;
    cluster.vms_know_tasks = false;
}

}  // namespace

TEST(Resolving, AFolderIsNotBelievedWhileTheClusterDoesNotAnswer) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.length = 1h;
    go_away_with_the_next_order(bench, "FILE01", true);
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(10min);
    EXPECT_EQ(bench.job(id).phase, Phase::resolving);
    EXPECT_TRUE(bench.catalog.manifests.empty());
    bench.cluster.unreachable.reset();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(id).phase, Phase::following) << "the task is found again";
    bench.time.run_for(1h);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_TRUE(bench.job(id).warnings.empty());
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(Resolving, AnExportThatFailedWhileTheClusterWasAwayIsNoBackup) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.task_error["FILE01"] = "the node was restarted";
    go_away_with_the_next_order(bench, "FILE01", true);
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(30min);
    bench.cluster.unreachable.reset();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::failed);
    EXPECT_TRUE(bench.catalog.manifests.empty());
}

TEST(Resolving, AClusterThatIsAwayAfterTheOrderIsNotOrderedTheSameAgain) {
    for (auto const code : {Errc::outcome_unknown, Errc::maybe_rejected}) {
        ScheduleBench bench;
        bench.cluster.add_vm("FILE01");
        bench.cluster.length = 20min;
        go_away_with_the_next_order(bench, "FILE01", false);
        if (code == Errc::maybe_rejected) {
            bench.cluster.lose_answer.clear();
            bench.cluster.answer_with_error.insert_or_assign("FILE01", Error{code, "500"});
        }
        bench.start();
        bench.run_until_clock(17h + 10min);
        ASSERT_EQ(bench.cluster.runs.size(), 1u);
        bench.catalog.folders.insert(bench.cluster.runs.front().folder);
        bench.cluster.unreachable.reset();
        bench.run_until_clock(20h);
        EXPECT_EQ(bench.cluster.runs.size(), 1u) << name_of(code);
        EXPECT_EQ(bench.copies_of("FILE01"), 1u) << name_of(code);
    }
}

TEST(Resolving, AFolderThatCannotBeSeenIsNotTakenForOneThatIsNotThere) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(100ms);
    ASSERT_EQ(bench.job(id).phase, Phase::following);
    forget_all_tasks(bench.cluster);
    bench.catalog.unseen.insert_or_assign("nightly", Error{Errc::io, "Permission denied"});
    bench.time.run_for(10min);
    EXPECT_EQ(bench.job(id).phase, Phase::resolving);
    bench.catalog.unseen.clear();
    bench.time.run_for(10min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded) << "seen, at rest and whole";
}

TEST(Resolving, WhatNobodyCouldBeAskedAboutForTwelveHoursIsLostWhateverLiesThere) {
    for (auto const code : {Errc::outcome_unknown, Errc::maybe_rejected}) {
        EngineBench bench;
        bench.cluster.add_vm("FILE01");
        go_away_with_the_next_order(bench, "FILE01", code == Errc::outcome_unknown);
        bench.cluster.lose_answer.clear();
        bench.cluster.answer_with_error.insert_or_assign("FILE01", Error{code, "no usable answer"});
        auto const id = bench.backup("FILE01", "nightly");
        bench.time.run_for(13h);
        EXPECT_EQ(bench.job(id).outcome, Outcome::lost) << name_of(code);
        ASSERT_TRUE(bench.job(id).error);
        EXPECT_NE(bench.job(id).error->context.find("12 hours"), std::string::npos) << bench.job(id).error->context;
        EXPECT_TRUE(bench.catalog.manifests.empty());
    }
}

TEST(Resolving, AClusterThatRefusesTheListOfTasksForGoodIsAskedByItsVms) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.lose_request.insert("FILE01");
    bench.cluster.refuse_list_of_tasks = Error{Errc::forbidden, "403"};
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(10min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::lost);
}
