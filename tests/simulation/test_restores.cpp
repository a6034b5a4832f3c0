#include "tests/simulation/engine_bench.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

void with_backup(EngineBench& bench) {
    bench.cluster.add_vm("FILE01");
    bench.backup("FILE01", "nightly");
    bench.time.run_for(1min);
    ASSERT_TRUE(bench.catalog.manifests.contains("nightly"));
}

}  // namespace

TEST(Restores, ABackupComesBackAsANewVm) {
    EngineBench bench;
    with_backup(bench);
    auto const job = bench.get(bench.engine->submit_restore("nightly", "FILE01-new"));
    ASSERT_TRUE(job) << job.error().context;
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(job->id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.job(job->id).vm, VmUuid{"imported-FILE01-new"});
}

TEST(Restores, ANameInUseIsRefusedBeforeAnythingIsSent) {
    EngineBench bench;
    with_backup(bench);
    EXPECT_EQ(bench.get(bench.engine->submit_restore("nightly", "FILE01")).error().code, Errc::name_in_use);
    EXPECT_EQ(bench.get(bench.engine->submit_restore("missing", "NEW")).error().code, Errc::not_found);
    EXPECT_EQ(bench.get(bench.engine->submit_restore("nightly", "")).error().code, Errc::invalid_name);
}

TEST(Restores, AFolderWithoutManifestIsNotRestored) {
    EngineBench bench;
    bench.catalog.folders.insert("half");
    EXPECT_EQ(bench.get(bench.engine->submit_restore("half", "NEW")).error().code, Errc::incomplete_backup);
    EXPECT_TRUE(bench.cluster.runs.empty());
}

TEST(Restores, AnImportThatLosesADiskIsNoSuccess) {
    EngineBench bench;
    with_backup(bench);
    bench.cluster.on_begin = [&](FakeCluster::Run const& run) {
        auto vm = EngineBench::imported(run);
        vm.disks.clear();
        bench.cluster.vms.push_back(vm);
    };
    auto const job = bench.get(bench.engine->submit_restore("nightly", "NEW"));
    bench.time.run_for(5min);
    EXPECT_EQ(bench.job(job->id).outcome, Outcome::failed);
    EXPECT_NE(bench.job(job->id).error->context.find("disks"), std::string::npos);
}

TEST(Restores, ALostAnswerIsFoundByTheNewVmsName) {
    EngineBench bench;
    with_backup(bench);
    bench.cluster.lose_answer.insert("NEW");
    auto const job = bench.get(bench.engine->submit_restore("nightly", "NEW"));
    bench.time.run_for(5min);
    EXPECT_EQ(bench.job(job->id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.cluster.runs.size(), 2u);
}

TEST(Restores, ALostOneDoesNotTakeTheImportOfALongerNameForItsOwn) {
    for (std::string const longer : {"web2", "web old"}) {
        EngineBench bench;
        with_backup(bench);
        bench.cluster.lose_request.insert("web");
        bench.cluster.lose_answer.insert(longer);
        auto const lost = bench.get(bench.engine->submit_restore("nightly", "web"));
        auto const arrived = bench.get(bench.engine->submit_restore("nightly", longer));
        bench.time.run_for(10min);
        EXPECT_EQ(bench.job(lost->id).outcome, Outcome::lost) << longer;
        EXPECT_EQ(bench.job(arrived->id).outcome, Outcome::succeeded) << longer;
        EXPECT_EQ(bench.job(arrived->id).vm, VmUuid{"imported-" + longer});
    }
}
