#include "tests/simulation/engine_bench.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using ports::HookKind;

TEST(JobHooks, RunBeforeTheExportAndAfterTheManifest) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.hooks.set = {HookKind::pre_backup, HookKind::post_backup};
    bench.hooks.length = 10s;
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(9s);
    EXPECT_TRUE(bench.cluster.runs.empty());
    bench.time.run_for(10s);
    EXPECT_TRUE(bench.catalog.manifests.contains("nightly"));
    EXPECT_EQ(bench.job(id).phase, Phase::post_hook);
    bench.time.run_for(20s);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.hooks.runs, (std::vector<std::string>{"pre_backup FILE01 nightly", "post_backup FILE01 nightly"}));
}

TEST(JobHooks, APostBackupHookHoldsTheSlot) {
    EngineBench bench{1};
    bench.cluster.add_vm("A");
    bench.cluster.add_vm("B");
    bench.hooks.set = {HookKind::post_backup};
    bench.hooks.length = 1min;
    bench.backup("A", "a");
    bench.backup("B", "b");
    bench.time.run_for(30s);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
    bench.time.run_for(3min);
    EXPECT_EQ(bench.catalog.manifests.size(), 2u);
}

TEST(JobHooks, AFailingPreBackupIsNotedAndOnlyAVetoStopsTheBackup) {
    for (bool must_succeed : {false, true}) {
        EngineBench bench;
        bench.cluster.add_vm("FILE01");
        bench.hooks.set = {HookKind::pre_backup};
        bench.hooks.problem = "PreBackup: exit code 3";
        bench.hooks.must_succeed = must_succeed;
        auto const id = bench.backup("FILE01", "nightly");
        bench.time.run_for(1min);
        EXPECT_EQ(bench.job(id).outcome, must_succeed ? Outcome::failed : Outcome::succeeded);
        EXPECT_EQ(bench.cluster.runs.size(), must_succeed ? 0u : 1u);
        if (!must_succeed) EXPECT_EQ(bench.job(id).warnings, std::vector<std::string>{"PreBackup: exit code 3"});
    }
}

TEST(JobHooks, AFailingPostRestoreIsToldAndTheNewVmStays) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.backup("FILE01", "nightly");
    bench.time.run_for(1min);
    bench.hooks.set = {HookKind::post_restore};
    bench.hooks.problem = "PostRestore: exit code 3";
    auto const job = bench.get(bench.engine->submit_restore("nightly", "FILE01-new"));
    ASSERT_TRUE(job) << job.error().context;
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(job->id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.job(job->id).warnings, std::vector<std::string>{"PostRestore: exit code 3"});
}
