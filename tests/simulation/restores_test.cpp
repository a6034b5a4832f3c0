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

/// Its task is the only one that names the VM.
void import_by_another(EngineFixture& fixture, std::string const& name) {
    fixture.cluster.lose_request.erase(name);
    ports::ImportOrder order{"another backup", "another backup.xml", name};
    ASSERT_TRUE(fixture.get(fixture.cluster.start_import(std::move(order))));
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

TEST(Restores, ABackupThatWasChangedSinceItWasVerifiedIsNotImportedUnlessForced) {
    EngineFixture fixture;
    with_backup(fixture);
    fixture.bad_structure.insert({"nightly", Error{Errc::damaged_backup, "an image has another size"}});
    auto const runs = fixture.cluster.runs.size();
    auto const job = fixture.get(fixture.engine->submit_restore("nightly", "NEW"));
    fixture.time.run_for(1min);
    auto const ended = fixture.job(job->id);
    EXPECT_EQ(ended.outcome, Outcome::failed);
    ASSERT_TRUE(ended.error);
    EXPECT_EQ(ended.error->code, Errc::damaged_backup);
    EXPECT_NE(ended.error->context.find("checking the files before the import"), std::string::npos);
    EXPECT_EQ(fixture.cluster.runs.size(), runs) << "nothing was sent";

    auto const forced = fixture.get(fixture.engine->submit_restore("nightly", "NEW", true));
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(forced->id).outcome, Outcome::succeeded);
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

TEST(Restores, AVmThatOnlyASearchFoundIsNotTakenForTheRestoredOne) {
    for (bool const is_executed : {true, false}) {
        EngineFixture fixture;
        with_backup(fixture);
        fixture.hooks.set = {HookKind::post_restore};
        (is_executed ? fixture.cluster.lose_answer : fixture.cluster.lose_request).insert("NEW");
        auto const job = fixture.get(fixture.engine->submit_restore("nightly", "NEW"));
        fixture.time.run_for(1s);
        // Another program imports another backup under the same name.
        if (!is_executed) import_by_another(fixture, "NEW");
        fixture.time.run_for(5min);
        auto const ended = fixture.job(job->id);
        EXPECT_EQ(ended.outcome, Outcome::lost) << is_executed << ": both look the same";
        ASSERT_TRUE(ended.error);
        EXPECT_NE(ended.error->context.find("this restore of 'nightly' made it, or another import"), std::string::npos)
            << ended.error->context;
        EXPECT_TRUE(fixture.hooks.runs.empty()) << "PostRestore would work on the VM of another program";
        EXPECT_EQ(fixture.cluster.runs.size(), 2u) << "nothing is ordered twice";
        EXPECT_TRUE(fixture.engine->leases().take("nightly"));
    }
}

TEST(Restores, AVmThatASearchFoundIsComparedWithTheDefinitionOfTheBackup) {
    EngineFixture fixture;
    with_backup(fixture);
    fixture.catalog.defined["nightly"] = DefinedVm{2, 4ull << 30, "files", 1};
    fixture.cluster.lose_request.insert("NEW");
    auto const job = fixture.get(fixture.engine->submit_restore("nightly", "NEW"));
    fixture.time.run_for(1s);
    import_by_another(fixture, "NEW");
    fixture.cluster.vms.back().vcpus = 4;
    fixture.time.run_for(5min);
    EXPECT_EQ(fixture.job(job->id).outcome, Outcome::lost);
    EXPECT_NE(fixture.job(job->id).error->context.find("it has 4 CPUs instead of 2"), std::string::npos);
}

TEST(Restores, AnImportWhoseAnswerNamedItsTaskNeedsNoProofOfItsVm) {
    EngineFixture fixture;
    with_backup(fixture);
    fixture.catalog.defined["nightly"] = DefinedVm{2, 4ull << 30, "files", 1};
    auto const job = fixture.get(fixture.engine->submit_restore("nightly", "NEW"));
    fixture.time.run_for(1s);
    fixture.cluster.vms.back().vcpus = 4;  // a person has changed it meanwhile
    fixture.time.run_for(5min);
    EXPECT_EQ(fixture.job(job->id).outcome, Outcome::succeeded);
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
        EXPECT_EQ(fixture.job(arrived->id).outcome, Outcome::lost) << longer << ": its answer was lost, too";
        EXPECT_EQ(fixture.job(arrived->id).vm, VmUuid{"imported-" + longer});
    }
}

TEST(Restores, AnOrderWhoseClientEndedBeforeItCouldBeAcceptedIsNotQueued) {
    EngineFixture fixture;
    with_backup(fixture);
    bool has_ended = true;
    auto const is_gone = [&has_ended] { return has_ended; };
    auto const restore = fixture.get(fixture.engine->submit_restore("nightly", "NEW", false, is_gone));
    ASSERT_FALSE(restore);
    EXPECT_EQ(restore.error().code, Errc::refused);
    EXPECT_NE(restore.error().context.find("nothing was ordered"), std::string::npos);
    EXPECT_FALSE(fixture.get(fixture.engine->submit_backup("FILE01", "second", is_gone)));
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u) << "the first backup";
    EXPECT_TRUE(fixture.engine->leases().take("nightly"));
    has_ended = false;
    EXPECT_TRUE(fixture.get(fixture.engine->submit_restore("nightly", "NEW", false, is_gone)));
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
