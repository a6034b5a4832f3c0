#include "tests/simulation/engine_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

void with_backup(EngineFixture& fixture) {
    fixture.cluster.add_vm("FILE01");
    fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    ASSERT_TRUE(fixture.catalog.manifests.contains("nightly"));
}

}  // namespace

TEST(Restores, ABackupComesBackAsANewVm) {
    EngineFixture fixture;
    with_backup(fixture);
    auto const job = fixture.get(fixture.engine->submit_restore("nightly", "FILE01-new"));
    ASSERT_TRUE(job) << job.error().context;
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(job->id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(job->id).vm, VmUuid{"imported-FILE01-new"});
}

TEST(Restores, ANameInUseIsRefusedBeforeAnythingIsSent) {
    EngineFixture fixture;
    with_backup(fixture);
    EXPECT_EQ(fixture.get(fixture.engine->submit_restore("nightly", "FILE01")).error().code, Errc::name_in_use);
    EXPECT_EQ(fixture.get(fixture.engine->submit_restore("missing", "NEW")).error().code, Errc::not_found);
    EXPECT_EQ(fixture.get(fixture.engine->submit_restore("nightly", "")).error().code, Errc::invalid_name);
}

TEST(Restores, AFolderWithoutManifestIsNotRestored) {
    EngineFixture fixture;
    fixture.catalog.folders.insert("half");
    EXPECT_EQ(fixture.get(fixture.engine->submit_restore("half", "NEW")).error().code, Errc::incomplete_backup);
    EXPECT_TRUE(fixture.cluster.runs.empty());
}

TEST(Restores, AnImportThatLosesADiskFails) {
    EngineFixture fixture;
    with_backup(fixture);
    fixture.cluster.on_begin = [&](FakeCluster::Run const& run) {
        auto vm = EngineFixture::imported(run);
        vm.disks.clear();
        fixture.cluster.vms.push_back(vm);
    };
    auto const job = fixture.get(fixture.engine->submit_restore("nightly", "NEW"));
    fixture.time.run_for(5min);
    EXPECT_EQ(fixture.job(job->id).outcome, Outcome::failed);
    EXPECT_NE(fixture.job(job->id).error->context.find("disks"), std::string::npos);
}

TEST(Restores, ALostAnswerIsFoundByTheNewVmsName) {
    EngineFixture fixture;
    with_backup(fixture);
    fixture.cluster.lose_answer.insert("NEW");
    auto const job = fixture.get(fixture.engine->submit_restore("nightly", "NEW"));
    fixture.time.run_for(5min);
    EXPECT_EQ(fixture.job(job->id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
}

TEST(Restores, ALostRequestIsNotMatchedToTheImportOfALongerName) {
    for (std::string const longer : {"web2", "web old"}) {
        EngineFixture fixture;
        with_backup(fixture);
        fixture.cluster.lose_request.insert("web");
        fixture.cluster.lose_answer.insert(longer);
        auto const lost = fixture.get(fixture.engine->submit_restore("nightly", "web"));
        auto const arrived = fixture.get(fixture.engine->submit_restore("nightly", longer));
        fixture.time.run_for(10min);
        EXPECT_EQ(fixture.job(lost->id).outcome, Outcome::lost) << longer;
        EXPECT_EQ(fixture.job(arrived->id).outcome, Outcome::succeeded) << longer;
        EXPECT_EQ(fixture.job(arrived->id).vm, VmUuid{"imported-" + longer});
    }
}

TEST(Restores, ABackupThatIsBeingDeletedIsNotRestored) {
    EngineFixture fixture;
    with_backup(fixture);
    {
        auto const deletion = fixture.engine->leases().take("nightly");
        ASSERT_TRUE(deletion);
        auto const refused = fixture.get(fixture.engine->submit_restore("nightly", "NEW"));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::refused);
        EXPECT_NE(refused.error().context.find("is being deleted"), std::string::npos);
    }
    EXPECT_TRUE(fixture.get(fixture.engine->submit_restore("nightly", "NEW")));
}

TEST(Restores, ItsBackupIsInUseUntilTheRestoreEndsAlsoAfterARestart) {
    EngineFixture fixture{1};
    with_backup(fixture);
    fixture.cluster.length = 1h;
    auto const job = fixture.get(fixture.engine->submit_restore("nightly", "NEW"));
    auto const queued = fixture.get(fixture.engine->submit_restore("nightly", "SECOND"));
    ASSERT_TRUE(job && queued);
    for (bool const is_restarted : {false, true}) {
        if (is_restarted) {
            fixture.stop_engine();
            fixture.start_engine(1);
        }
        fixture.time.run_for(1min);
        EXPECT_FALSE(fixture.engine->leases().take("nightly")) << is_restarted;
        EXPECT_FALSE(fixture.engine->leases().take("Nightly")) << "the same folder on a share";
    }
    fixture.time.run_for(70min);
    ASSERT_EQ(fixture.job(job->id).outcome, Outcome::succeeded);
    EXPECT_FALSE(fixture.engine->leases().take("nightly")) << "the second one reads it";
    fixture.time.run_for(2h);
    ASSERT_EQ(fixture.job(queued->id).outcome, Outcome::succeeded);
    EXPECT_TRUE(fixture.engine->leases().take("nightly"));
}

TEST(Restores, ARefusedOrCancelledRestoreUsesNothing) {
    EngineFixture fixture{1};
    with_backup(fixture);
    EXPECT_FALSE(fixture.get(fixture.engine->submit_restore("nightly", "FILE01"))) << "the name is taken";
    EXPECT_TRUE(fixture.engine->leases().take("nightly"));
    fixture.cluster.length = 1h;
    fixture.backup("FILE01", "long");
    auto const job = fixture.get(fixture.engine->submit_restore("nightly", "NEW"));
    fixture.time.run_for(1s);
    ASSERT_TRUE(fixture.get(fixture.engine->cancel(job->id)));
    fixture.time.run_for(1s);
    EXPECT_TRUE(fixture.engine->leases().take("nightly"));
}

TEST(Restores, ANewBackupIsInUseFromItsCommitToTheEndOfItsHook) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.hooks.set = {HookKind::post_backup};
    fixture.hooks.length = 1h;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(5s);
    EXPECT_FALSE(fixture.engine->leases().is_in_use("nightly"));
    for (bool const is_restarted : {false, true}) {
        if (is_restarted) {
            fixture.stop_engine();
            fixture.start_engine();
        }
        fixture.time.run_for(10min);
        ASSERT_EQ(fixture.job(id).phase, Phase::post_hook);
        EXPECT_TRUE(fixture.engine->leases().is_in_use("nightly")) << is_restarted;
    }
    fixture.time.run_for(2h);
    ASSERT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_FALSE(fixture.engine->leases().is_in_use("nightly"));
}

TEST(Restores, ABackupThatGetsAnotherNameIsInUseUnderThatName) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.hooks.set = {HookKind::post_backup};
    fixture.hooks.length = 1h;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1s);
    fixture.catalog.folders.insert("nightly");
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.job(id).backup, "nightly (2)");
    EXPECT_TRUE(fixture.engine->leases().is_in_use("nightly (2)"));
    EXPECT_FALSE(fixture.engine->leases().is_in_use("nightly"));
}
