#include "tests/simulation/engine_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

TEST(JobHooks, RunBeforeTheExportAndAfterTheManifest) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.hooks.set = {HookKind::pre_backup, HookKind::post_backup};
    fixture.hooks.length = 10s;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(9s);
    EXPECT_TRUE(fixture.cluster.runs.empty());
    fixture.time.run_for(10s);
    EXPECT_TRUE(fixture.catalog.manifests.contains("nightly"));
    EXPECT_EQ(fixture.job(id).phase, Phase::post_hook);
    fixture.time.run_for(20s);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.hooks.runs,
              (std::vector<std::string>{"pre_backup FILE01 nightly", "post_backup FILE01 nightly"}));
}

TEST(JobHooks, APostBackupHookHoldsTheSlot) {
    EngineFixture fixture{1};
    fixture.cluster.add_vm("A");
    fixture.cluster.add_vm("B");
    fixture.hooks.set = {HookKind::post_backup};
    fixture.hooks.length = 1min;
    fixture.backup("A", "a");
    fixture.backup("B", "b");
    fixture.time.run_for(30s);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    fixture.time.run_for(3min);
    EXPECT_EQ(fixture.catalog.manifests.size(), 2u);
}

TEST(JobHooks, AFailingPreBackupIsAWarningAndOnlyAVetoStopsTheBackup) {
    for (bool must_succeed : {false, true}) {
        EngineFixture fixture;
        fixture.cluster.add_vm("FILE01");
        fixture.hooks.set = {HookKind::pre_backup};
        fixture.hooks.problem = "PreBackup: exit code 3";
        fixture.hooks.must_succeed = must_succeed;
        auto const id = fixture.backup("FILE01", "nightly");
        fixture.time.run_for(1min);
        EXPECT_EQ(fixture.job(id).outcome, must_succeed ? Outcome::failed : Outcome::succeeded);
        EXPECT_EQ(fixture.cluster.runs.size(), must_succeed ? 0u : 1u);
        if (!must_succeed) EXPECT_EQ(fixture.job(id).warnings, std::vector<std::string>{"PreBackup: exit code 3"});
    }
}

TEST(JobHooks, ACancellationStopsPreBackup) {
    EngineFixture fixture{1};
    fixture.cluster.add_vm("FILE01");
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 4h;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.job(id).phase, Phase::pre_hook);
    auto const cancelled = fixture.get(fixture.engine->cancel(id));
    ASSERT_TRUE(cancelled);
    EXPECT_NE(cancelled->note.find("PreBackup"), std::string::npos) << cancelled->note;
    fixture.time.run_for(2s);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::cancelled);
    EXPECT_FALSE(is_withdrawn(fixture.job(id))) << "a person did it";
    EXPECT_TRUE(fixture.hooks.runs.empty());
    EXPECT_TRUE(fixture.cluster.runs.empty());
}

TEST(JobHooks, AReloadThatRemovesPreBackupEndsTheWaitForIt) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 4h;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    fixture.hooks.set.clear();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_TRUE(fixture.hooks.runs.empty()) << "it was stopped";
}

TEST(JobHooks, AReloadThatReplacesPreBackupRunsTheNewOneInstead) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 4h;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    fixture.hooks.command_line = "/opt/other";
    fixture.hooks.length = 10min;
    fixture.time.run_for(9min);
    EXPECT_EQ(fixture.job(id).phase, Phase::pre_hook);
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.hooks.runs, (std::vector<std::string>{"pre_backup FILE01 nightly"}));
}

TEST(JobHooks, AFailingPostRestoreIsReportedAndTheNewVmStays) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    fixture.hooks.set = {HookKind::post_restore};
    fixture.hooks.problem = "PostRestore: exit code 3";
    auto const job = fixture.get(fixture.engine->submit_restore("nightly", "FILE01-new"));
    ASSERT_TRUE(job) << job.error().context;
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(job->id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(job->id).warnings, std::vector<std::string>{"PostRestore: exit code 3"});
}

TEST(JobHooks, AShareThatGoesWhilePreBackupRunsGetsNoExport) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 10min;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(5min);
    ASSERT_EQ(fixture.job(id).phase, Phase::pre_hook);
    fixture.catalog.mark = "of another disk";
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::failed);
    EXPECT_TRUE(fixture.cluster.runs.empty());
}
