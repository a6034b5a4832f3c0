#include "tests/simulation/engine_bench.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

TEST(Restarts, ARunningExportIsTakenUpByItsTag) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.length = 1h;
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(10min);
    bench.stop_engine();
    EXPECT_EQ(bench.journal.jobs[id].phase, Phase::following);
    bench.time.run_for(20min);
    bench.start_engine();
    bench.time.run_for(1h);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(Restarts, AnExportThatEndedMeanwhileIsInspectedAndCommitted) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(2s);
    bench.stop_engine();
    bench.time.run_for(10h);
    bench.start_engine();
    bench.time.run_for(5s);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_TRUE(bench.catalog.manifests.contains("nightly"));
}

TEST(Restarts, AStopDuringThePostIsResolvedWithoutASecondPost) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.post_delay = 12s;
    bench.cluster.length = 1min;
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(5s);
    bench.stop_engine();
    ASSERT_EQ(bench.journal.jobs[id].phase, Phase::posting);
    bench.start_engine();
    bench.time.run_for(3min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(Restarts, QueuedJobsStayQueuedAndKeepTheirOrder) {
    EngineBench bench{1};
    for (int i = 0; i < 4; ++i) bench.cluster.add_vm("VM" + std::to_string(i));
    for (int i = 0; i < 4; ++i) bench.backup("VM" + std::to_string(i), "b" + std::to_string(i));
    bench.time.run_for(1s);
    bench.stop_engine();
    bench.start_engine(1);
    bench.time.run_for(2min);
    ASSERT_EQ(bench.cluster.runs.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(bench.cluster.runs[i].vm_name, "VM" + std::to_string(i));
    EXPECT_EQ(bench.catalog.manifests.size(), 4u);
}

TEST(Restarts, WhatRunsAtTheClusterOccupiesItsSlotAfterARestart) {
    EngineBench bench{1};
    bench.cluster.add_vm("A");
    bench.cluster.add_vm("B");
    bench.cluster.length = 1min;
    bench.backup("A", "a");
    bench.time.run_for(1s);
    bench.stop_engine();
    bench.start_engine(1);
    bench.backup("B", "b");
    bench.time.run_for(30s);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
    bench.time.run_for(3min);
    EXPECT_EQ(bench.catalog.manifests.size(), 2u);
}

TEST(Restarts, AManifestThatWasWrittenBeforeTheEndWasRecordedIsLeftAsItIs) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(1min);
    ASSERT_EQ(bench.job(id).outcome, Outcome::succeeded);
    bench.stop_engine();
    bench.lose_the_end_of(id);  // and meanwhile somebody protected the backup
    bench.catalog.manifests["nightly"].is_protected = true;
    bench.start_engine();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_TRUE(bench.catalog.manifests["nightly"].is_protected);
    EXPECT_EQ(bench.catalog.settled, std::vector<std::string>{"nightly"}) << "its name may not be on the disk yet";
}
