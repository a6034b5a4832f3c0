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
