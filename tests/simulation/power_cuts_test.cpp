// The machine with the share loses power: what the cluster wrote before may not be on its disk.
#include "tests/simulation/engine_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

/// An export of an hour; the daemon stops after a minute of it.
struct PowerCut : EngineFixture {
    PowerCut() {
        cluster.add_vm("FILE01");
        cluster.length = 1h;
        id = backup("FILE01", "nightly");
        time.run_for(1min);
        stop_engine();
    }
    JobId id = 0;
};

}  // namespace

TEST(PowerCuts, AnExportRequestedBeforeDoesNotBecomeABackup) {
    PowerCut fixture;
    fixture.time.run_for(2h);
    fixture.catalog.boot = "boot 2";
    fixture.start_engine();
    fixture.time.run_for(1min);
    auto const job = fixture.job(fixture.id);
    EXPECT_EQ(job.outcome, Outcome::failed);
    EXPECT_EQ(job.end, ExportEnd::unflushed);
    ASSERT_TRUE(job.error);
    EXPECT_NE(job.error->context.find("was restarted"), std::string::npos) << job.error->context;
    EXPECT_TRUE(fixture.catalog.manifests.empty());
}

TEST(PowerCuts, TheDoubtSurvivesAnotherRestartOfTheDaemon) {
    PowerCut fixture;
    fixture.catalog.boot = "boot 2";
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(fixture.id).phase, Phase::following);
    fixture.stop_engine();
    fixture.start_engine();
    fixture.time.run_for(2h);
    EXPECT_EQ(fixture.job(fixture.id).outcome, Outcome::failed);
    EXPECT_TRUE(fixture.catalog.manifests.empty());
}

TEST(PowerCuts, AShareOnAnotherMachineIsNotAffected) {
    PowerCut fixture;
    fixture.catalog.boot = "";
    fixture.start_engine();
    fixture.time.run_for(2h);
    EXPECT_EQ(fixture.job(fixture.id).outcome, Outcome::succeeded);
}

TEST(PowerCuts, ExportsRequestedAfterwardsCount) {
    PowerCut fixture;
    fixture.catalog.boot = "boot 2";
    fixture.start_engine();
    auto const next = fixture.backup("FILE01", "next");
    fixture.time.run_for(3h);
    EXPECT_EQ(fixture.job(fixture.id).outcome, Outcome::failed);
    EXPECT_EQ(fixture.job(next).outcome, Outcome::succeeded);
    fixture.stop_engine();
    fixture.start_engine();
    auto const third = fixture.backup("FILE01", "third");
    fixture.time.run_for(3h);
    EXPECT_EQ(fixture.job(third).outcome, Outcome::succeeded);
}

TEST(PowerCuts, AFolderWithAManifestIsABackup) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    fixture.stop_engine();
    fixture.lose_the_end_of(id);
    fixture.catalog.boot = "boot 2";
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
}

TEST(PowerCuts, ACancelledExportIsDeletedAnyway) {
    PowerCut fixture;
    fixture.catalog.boot = "boot 2";
    fixture.start_engine();
    ASSERT_TRUE(fixture.get(fixture.engine->cancel(fixture.id)));
    fixture.time.run_for(2h);
    EXPECT_EQ(fixture.job(fixture.id).outcome, Outcome::cancelled);
    EXPECT_EQ(fixture.catalog.discarded, std::vector<std::string>{folder_of(fixture.job(fixture.id))});
}
