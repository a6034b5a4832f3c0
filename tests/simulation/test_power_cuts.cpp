// The machine with the share is switched off and on: what the cluster wrote before need not be on its disk.
#include "tests/simulation/engine_bench.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

/// An export of an hour; the daemon is gone after a minute of it.
struct Interrupted : EngineBench {
    Interrupted() {
        cluster.add_vm("FILE01");
        cluster.length = 1h;
        id = backup("FILE01", "nightly");
        time.run_for(1min);
        stop_engine();
    }
    JobId id = 0;
};

}  // namespace

TEST(PowerCuts, AnExportThatWasOrderedBeforeDoesNotBecomeABackup) {
    Interrupted bench;
    bench.time.run_for(2h);
    bench.catalog.boot = "boot 2";
    bench.start_engine();
    bench.time.run_for(1min);
    auto const job = bench.job(bench.id);
    EXPECT_EQ(job.outcome, Outcome::failed);
    ASSERT_TRUE(job.error);
    EXPECT_NE(job.error->context.find("started anew"), std::string::npos) << job.error->context;
    EXPECT_TRUE(bench.catalog.manifests.empty());
}

TEST(PowerCuts, TheDoubtOutlastsAnotherRestartOfTheDaemon) {
    Interrupted bench;
    bench.catalog.boot = "boot 2";
    bench.start_engine();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(bench.id).phase, Phase::following);
    bench.stop_engine();
    bench.start_engine();
    bench.time.run_for(2h);
    EXPECT_EQ(bench.job(bench.id).outcome, Outcome::failed);
    EXPECT_TRUE(bench.catalog.manifests.empty());
}

TEST(PowerCuts, AShareOnAnotherMachineIsNotTouchedByOurs) {
    Interrupted bench;
    bench.catalog.boot = "";
    bench.start_engine();
    bench.time.run_for(2h);
    EXPECT_EQ(bench.job(bench.id).outcome, Outcome::succeeded);
}

TEST(PowerCuts, WhatIsOrderedAfterwardsCounts) {
    Interrupted bench;
    bench.catalog.boot = "boot 2";
    bench.start_engine();
    auto const next = bench.backup("FILE01", "next");
    bench.time.run_for(3h);
    EXPECT_EQ(bench.job(bench.id).outcome, Outcome::failed);
    EXPECT_EQ(bench.job(next).outcome, Outcome::succeeded);
    bench.stop_engine();
    bench.start_engine();
    auto const third = bench.backup("FILE01", "third");
    bench.time.run_for(3h);
    EXPECT_EQ(bench.job(third).outcome, Outcome::succeeded);
}

TEST(PowerCuts, ABackupThatHadItsManifestIsOne) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(1min);
    ASSERT_EQ(bench.job(id).outcome, Outcome::succeeded);
    bench.stop_engine();
    bench.lose_the_end_of(id);
    bench.catalog.boot = "boot 2";
    bench.start_engine();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
}

TEST(PowerCuts, ACancelledExportIsDiscardedAllTheSame) {
    Interrupted bench;
    bench.catalog.boot = "boot 2";
    bench.start_engine();
    ASSERT_TRUE(bench.get(bench.engine->cancel(bench.id)));
    bench.time.run_for(2h);
    EXPECT_EQ(bench.job(bench.id).outcome, Outcome::cancelled);
    EXPECT_EQ(bench.catalog.discarded, std::vector<std::string>{"nightly"});
}
