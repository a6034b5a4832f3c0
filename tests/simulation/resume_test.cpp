// The outcome of a cluster task is found by every remaining source: the tag, the list of tasks, the VM's last task, and
// finally the written files. Never by a second request.

#include "tests/simulation/engine_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

/// An export that has run for a while; the daemon is stopped.
struct Interrupted : EngineFixture {
    JobId id = 0;

    explicit Interrupted(Milliseconds length = 10min) {
        cluster.add_vm("FILE01");
        cluster.length = length;
        id = backup("FILE01", "nightly");
        time.run_for(1min);
        EXPECT_EQ(job(id).phase, Phase::following);
        stop_engine();
    }
    Outcome outcome() { return job(id).outcome; }
    void expect_one_order() { EXPECT_EQ(cluster.runs.size(), 1u); }
};

void no_task_is_known(FakeCluster& cluster) {
    cluster.knows_tags = false;
    cluster.lists_tasks = false;
    cluster.vms_know_tasks = false;
}

std::string all_warnings(Job const& job) {
    std::string text;
    for (auto const& warning : job.warnings) text += warning + "\n";
    return text;
}

}  // namespace

TEST(Resume, AnExpiredTagIsFoundInTheListOfTasks) {
    Interrupted fixture;
    fixture.cluster.knows_tags = false;
    fixture.cluster.vms_know_tasks = false;
    fixture.time.run_for(1h);
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.outcome(), Outcome::succeeded);
    fixture.expect_one_order();
}

TEST(Resume, AnExpiredTagIsFoundAtItsVm) {
    Interrupted fixture;
    fixture.cluster.knows_tags = false;
    fixture.cluster.lists_tasks = false;
    fixture.time.run_for(1h);
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.outcome(), Outcome::succeeded);
    fixture.expect_one_order();
}

TEST(Resume, WhenTheTagHasExpiredAWholeFolderThatNoLongerChangesDecidesInSeconds) {
    Interrupted fixture;
    no_task_is_known(fixture.cluster);
    fixture.time.run_for(1h);
    fixture.start_engine();
    fixture.time.run_for(10s);
    EXPECT_EQ(fixture.job(fixture.id).phase, Phase::resolving)
        << "it is not known yet whether the cluster still writes";
    fixture.time.run_for(20s);
    EXPECT_EQ(fixture.outcome(), Outcome::succeeded);
    ASSERT_TRUE(fixture.catalog.manifests.contains("nightly"));
    EXPECT_EQ(fixture.catalog.manifests["nightly"].end, ExportEnd::inferred);
    EXPECT_NE(all_warnings(fixture.job(fixture.id)).find("no task reported the outcome"), std::string::npos);
    EXPECT_FALSE(fixture.job(fixture.id).error);
    fixture.expect_one_order();
}

TEST(Resume, WhenTheTagHasExpiredAFolderThatIsNotWholeIsWaitedForAsLongAsItMayBeWritten) {
    Interrupted fixture;
    no_task_is_known(fixture.cluster);
    fixture.catalog.bad["nightly"] = Error{Errc::incomplete_backup, "a disk image is missing"};
    fixture.start_engine();
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.job(fixture.id).phase, Phase::resolving);
    fixture.catalog.bad.clear();
    fixture.catalog.grown = [](std::string const&) { return std::uint64_t{2}; };
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.outcome(), Outcome::succeeded);
}

TEST(Resume, AGrowingFolderIsWaitedFor) {
    Interrupted fixture;
    no_task_is_known(fixture.cluster);
    auto const grows_until = fixture.time.steady_now() + 40min;
    fixture.catalog.grown = [&](std::string const&) {
        return static_cast<std::uint64_t>(std::min(fixture.time.steady_now(), grows_until).time_since_epoch().count());
    };
    fixture.start_engine();
    fixture.time.run_for(39min);
    EXPECT_EQ(fixture.job(fixture.id).phase, Phase::resolving);
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.outcome(), Outcome::succeeded);
    fixture.expect_one_order();
}

TEST(Resume, AnIncompleteFolderLeavesTheJobLostAndIsNotTouched) {
    Interrupted fixture;
    no_task_is_known(fixture.cluster);
    fixture.catalog.bad["nightly"] = Error{Errc::incomplete_backup, "a disk image is missing"};
    fixture.start_engine();
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.outcome(), Outcome::lost);
    EXPECT_NE(fixture.job(fixture.id).error->context.find("a disk image is missing"), std::string::npos);
    EXPECT_TRUE(fixture.catalog.folders.contains(folder_of(fixture.job(fixture.id))));
    EXPECT_TRUE(fixture.catalog.manifests.empty());
    fixture.expect_one_order();
}

TEST(Resume, ARestartDuringTheSearchContinuesTheSearch) {
    Interrupted fixture;
    no_task_is_known(fixture.cluster);
    fixture.catalog.bad["nightly"] = Error{Errc::incomplete_backup, "a disk image is missing"};
    fixture.start_engine();
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.job(fixture.id).phase, Phase::resolving);
    fixture.stop_engine();
    fixture.catalog.bad.clear();
    fixture.cluster.lists_tasks = true;
    fixture.time.run_for(1h);
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.outcome(), Outcome::succeeded);
    fixture.expect_one_order();
}

TEST(Resume, ARestartDuringTheInspectionInspectsAgain) {
    Interrupted fixture;
    no_task_is_known(fixture.cluster);
    fixture.catalog.bad["nightly"] = Error{Errc::share_not_visible, "the share is not mounted"};
    fixture.start_engine();
    fixture.time.run_for(3min + 20s);
    ASSERT_EQ(fixture.job(fixture.id).phase, Phase::inspecting);
    fixture.stop_engine();
    fixture.catalog.bad.clear();
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.outcome(), Outcome::succeeded);
    EXPECT_NE(all_warnings(fixture.job(fixture.id)), "");
}

TEST(Resume, ALostRequestIsConfirmedByItsFolderWithoutATask) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_answer.insert("FILE01");
    no_task_is_known(fixture.cluster);
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(Resume, ALostRequestWithoutATraceIsLostAndNeverSentAgain) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_request.insert("FILE01");
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::lost);
    EXPECT_TRUE(fixture.cluster.runs.empty());
    EXPECT_TRUE(fixture.catalog.manifests.empty());
}

TEST(Resume, AnExportThatStartedDespiteAnAnswerOf500IsFollowed) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.add_vm("REFUSED");
    Error const refusal{Errc::maybe_rejected, "it answered 500: An internal error occurred"};
    fixture.cluster.answer_with_error["FILE01"] = refusal;
    fixture.cluster.refuse_post["REFUSED"] = refusal;
    auto const id = fixture.backup("FILE01", "nightly");
    auto const refused = fixture.backup("REFUSED", "refused");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(refused).outcome, Outcome::failed);
    EXPECT_EQ(fixture.job(refused).error, refusal);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(Resume, ALostRequestIsFoundAtItsVmWhenTasksHaveNoObject) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_answer.insert("FILE01");
    fixture.cluster.names_objects = false;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(id).tag, fixture.cluster.runs[0].tag);
}

TEST(Resume, AnAnswerWithTheTagOfAnotherVmsTaskIsRejected) {
    EngineFixture fixture;
    fixture.cluster.add_vm("OTHER");
    fixture.cluster.add_vm("FILE01");
    fixture.backup("OTHER", "other");
    fixture.time.run_for(1min);
    fixture.cluster.length = 5min;
    fixture.cluster.answer_with["FILE01"] = fixture.cluster.runs[0].tag;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    EXPECT_FALSE(fixture.catalog.manifests.contains("nightly")) << "the task that had ended is the other VM's";
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(id).tag, fixture.cluster.runs[1].tag);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
}

TEST(Resume, AnotherNodeReportsTheSameExport) {
    Interrupted fixture;
    fixture.cluster.unreachable = Error{Errc::unreachable, "connection refused"};
    fixture.start_engine();
    fixture.time.run_for(20min);
    EXPECT_EQ(fixture.job(fixture.id).phase, Phase::following);
    fixture.cluster.unreachable.reset();
    fixture.cluster.node = "node-2";
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.outcome(), Outcome::succeeded);
    EXPECT_EQ(fixture.catalog.manifests["nightly"].cluster_host, "node-2");
    fixture.expect_one_order();
}

namespace {

/// A restore that has been requested; the daemon is stopped.
struct InterruptedRestore : EngineFixture {
    JobId id = 0;

    explicit InterruptedRestore(bool answer_is_lost) {
        cluster.add_vm("FILE01");
        backup("FILE01", "nightly");
        time.run_for(1min);
        catalog.manifests["nightly"].disks = cluster.vms[0].disks;
        cluster.length = 10min;
        if (answer_is_lost) cluster.lose_answer.insert("NEW");
        id = get(engine->submit_restore("nightly", "NEW")).value().id;
        time.run_for(20s);
        stop_engine();
        time.run_for(1h);
    }
    ~InterruptedRestore() { EXPECT_EQ(cluster.runs.size(), 2u) << "one export, one import"; }
};

}  // namespace

TEST(Resume, AnImportIsResumedByItsTag) {
    InterruptedRestore fixture(false);
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(fixture.id).outcome, Outcome::succeeded);
    EXPECT_TRUE(fixture.job(fixture.id).warnings.empty());
}

TEST(Resume, AnImportWhoseAnswerWasLostIsResumedByTheListOfTasks) {
    InterruptedRestore fixture(true);
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(fixture.id).outcome, Outcome::lost);
    EXPECT_NE(fixture.job(fixture.id).error->context.find("another import under that name"), std::string::npos);
    EXPECT_EQ(fixture.job(fixture.id).tag, fixture.cluster.runs[1].tag);
}

TEST(Resume, AnImportWhoseTaskExpiredIsConfirmedInSecondsByTheVmWithItsUuid) {
    InterruptedRestore fixture(false);
    no_task_is_known(fixture.cluster);
    fixture.start_engine();
    fixture.time.run_for(30s);
    EXPECT_EQ(fixture.job(fixture.id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(fixture.id).vm, VmUuid{"imported-NEW"});
    EXPECT_NE(all_warnings(fixture.job(fixture.id)).find("no task reported the outcome"), std::string::npos);
}

TEST(Resume, AnImportWhoseAnswerAndTaskAreLostIsNotTakenForOursByItsName) {
    InterruptedRestore fixture(true);
    no_task_is_known(fixture.cluster);
    fixture.start_engine();
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(fixture.id).outcome, Outcome::lost);
    EXPECT_NE(fixture.job(fixture.id).error->context.find("another import under that name"), std::string::npos);
}

TEST(Resume, AnImportThatCreatedAnIncompleteVmStaysLost) {
    InterruptedRestore fixture(true);
    no_task_is_known(fixture.cluster);
    fixture.cluster.vms.back().disks.clear();
    fixture.start_engine();
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.job(fixture.id).outcome, Outcome::lost);
    EXPECT_NE(fixture.job(fixture.id).error->context.find("disks"), std::string::npos);
}

TEST(Resume, AnImportWhoseAnswerWasLostIsFollowedToItsEndHoweverItIsFound) {
    for (bool const is_listed : {true, false}) {
        EngineFixture fixture;
        fixture.cluster.add_vm("FILE01");
        fixture.backup("FILE01", "nightly");
        fixture.time.run_for(1min);
        fixture.catalog.manifests["nightly"].disks = fixture.cluster.vms[0].disks;
        fixture.cluster.lose_answer.insert("NEW");
        fixture.cluster.stuck_at["NEW"] = 3;
        fixture.cluster.describes_tasks = false;  // only the new VM's name shows which task it is
        fixture.cluster.lists_tasks = is_listed;
        fixture.cluster.vms_know_tasks = !is_listed;
        auto const id = fixture.get(fixture.engine->submit_restore("nightly", "NEW")).value().id;
        fixture.time.run_for(30min);
        EXPECT_EQ(fixture.job(id).phase, Phase::following) << is_listed;
        EXPECT_EQ(fixture.job(id).percent, 3) << is_listed;
        fixture.cluster.stuck_at.clear();
        fixture.time.run_for(1min);
        ASSERT_EQ(fixture.job(id).outcome, Outcome::lost) << is_listed;
        EXPECT_NE(fixture.job(id).error->context.find("another import under that name"), std::string::npos);
    }
}

TEST(Resume, AVmOnWhichATaskWorksIsNoFinishedImport) {
    InterruptedRestore fixture(true);
    no_task_is_known(fixture.cluster);
    // Its description names an export, so it is not taken for the import.
    fixture.cluster.vms.back().last_task = TaskReport{TaskTag{"2000"}, TaskState::running, "RUNNING", 3, "Export"};
    fixture.start_engine();
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.job(fixture.id).phase, Phase::resolving);
    fixture.cluster.vms.back().last_task.reset();
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(fixture.id).outcome, Outcome::lost);
}
