// What became of work at the cluster is found out by whatever still tells of it: the tag, the list of tasks, the VM's
// last task, and at last what was written. Never by a second order.

#include "tests/simulation/engine_bench.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

/// An export that has run for a while; the daemon is not there.
struct Interrupted : EngineBench {
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

TEST(Adoption, ATagThatIsGoneIsFoundInTheListOfTasks) {
    Interrupted bench;
    bench.cluster.knows_tags = false;
    bench.cluster.vms_know_tasks = false;
    bench.time.run_for(1h);
    bench.start_engine();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.outcome(), Outcome::succeeded);
    bench.expect_one_order();
}

TEST(Adoption, ATagThatIsGoneFromTheListIsFoundAtItsVm) {
    Interrupted bench;
    bench.cluster.knows_tags = false;
    bench.cluster.lists_tasks = false;
    bench.time.run_for(1h);
    bench.start_engine();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.outcome(), Outcome::succeeded);
    bench.expect_one_order();
}

TEST(Adoption, WithoutAnyTaskTheWholeFolderDecidesWhenItIsAtRest) {
    Interrupted bench;
    no_task_is_known(bench.cluster);
    bench.time.run_for(1h);
    bench.start_engine();
    bench.time.run_for(2min);
    EXPECT_EQ(bench.job(bench.id).phase, Phase::resolving) << "nobody knows yet whether the cluster still writes";
    bench.time.run_for(5min);
    EXPECT_EQ(bench.outcome(), Outcome::succeeded);
    EXPECT_TRUE(bench.catalog.manifests.contains("nightly"));
    EXPECT_NE(all_warnings(bench.job(bench.id)).find("no task told of its end"), std::string::npos);
    EXPECT_FALSE(bench.job(bench.id).error);
    bench.expect_one_order();
}

TEST(Adoption, AFolderThatGrowsIsLeftToGrow) {
    Interrupted bench;
    no_task_is_known(bench.cluster);
    auto const grows_until = bench.time.steady_now() + 40min;
    bench.catalog.grown = [&](std::string const&) {
        return static_cast<std::uint64_t>(std::min(bench.time.steady_now(), grows_until).time_since_epoch().count());
    };
    bench.start_engine();
    bench.time.run_for(39min);
    EXPECT_EQ(bench.job(bench.id).phase, Phase::resolving);
    bench.time.run_for(10min);
    EXPECT_EQ(bench.outcome(), Outcome::succeeded);
    bench.expect_one_order();
}

TEST(Adoption, AFolderThatProvesNothingLeavesTheJobLostAndIsLeftAlone) {
    Interrupted bench;
    no_task_is_known(bench.cluster);
    bench.catalog.bad["nightly"] = Error{Errc::incomplete_backup, "a disk image is missing"};
    bench.start_engine();
    bench.time.run_for(30min);
    EXPECT_EQ(bench.outcome(), Outcome::lost);
    EXPECT_NE(bench.job(bench.id).error->context.find("a disk image is missing"), std::string::npos);
    EXPECT_TRUE(bench.catalog.folders.contains("nightly"));
    EXPECT_TRUE(bench.catalog.manifests.empty());
    bench.expect_one_order();
}

TEST(Adoption, ARestartWhileItIsSoughtGoesOnSeeking) {
    Interrupted bench;
    no_task_is_known(bench.cluster);
    bench.start_engine();
    bench.time.run_for(1min);
    ASSERT_EQ(bench.job(bench.id).phase, Phase::resolving);
    bench.stop_engine();
    bench.cluster.lists_tasks = true;
    bench.time.run_for(1h);
    bench.start_engine();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.outcome(), Outcome::succeeded);
    bench.expect_one_order();
}

TEST(Adoption, ARestartWhileUnprovenFilesAreExaminedExaminesThemAgain) {
    Interrupted bench;
    no_task_is_known(bench.cluster);
    bench.catalog.bad["nightly"] = Error{Errc::share_not_visible, "the share is not mounted"};
    bench.start_engine();
    bench.time.run_for(3min + 20s);
    ASSERT_EQ(bench.job(bench.id).phase, Phase::inspecting);
    bench.stop_engine();
    bench.catalog.bad.clear();
    bench.start_engine();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.outcome(), Outcome::succeeded);
    EXPECT_NE(all_warnings(bench.job(bench.id)), "");
}

TEST(Adoption, ALostOrderIsProvenByItsFolderIfNoTaskIsTold) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.lose_answer.insert("FILE01");
    no_task_is_known(bench.cluster);
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(30min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(Adoption, ALostOrderThatLeftNoTraceIsLostAndNeverSentAgain) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.lose_request.insert("FILE01");
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(30min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::lost);
    EXPECT_TRUE(bench.cluster.runs.empty());
    EXPECT_TRUE(bench.catalog.manifests.empty());
}

TEST(Adoption, AnOrderThatWasCarriedOutThoughItWasAnsweredWith500IsFollowed) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.add_vm("REFUSED");
    Error const refusal{Errc::maybe_rejected, "it answered 500: An internal error occurred"};
    bench.cluster.answer_with_error["FILE01"] = refusal;
    bench.cluster.refuse_post["REFUSED"] = refusal;
    auto const id = bench.backup("FILE01", "nightly");
    auto const refused = bench.backup("REFUSED", "refused");
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.job(refused).outcome, Outcome::failed);
    EXPECT_EQ(bench.job(refused).error, refusal);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(Adoption, ALostOrderIsFoundAtItsVmThoughTasksDoNotSayWhatTheyWorkOn) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.lose_answer.insert("FILE01");
    bench.cluster.names_objects = false;
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.job(id).tag, bench.cluster.runs[0].tag);
}

TEST(Adoption, AnAnswerWithTheTagOfAnotherVmsTaskIsNotBelieved) {
    EngineBench bench;
    bench.cluster.add_vm("OTHER");
    bench.cluster.add_vm("FILE01");
    bench.backup("OTHER", "other");
    bench.time.run_for(1min);
    bench.cluster.length = 5min;
    bench.cluster.answer_with["FILE01"] = bench.cluster.runs[0].tag;
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(1min);
    EXPECT_FALSE(bench.catalog.manifests.contains("nightly")) << "the task that had ended is the other VM's";
    bench.time.run_for(10min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.job(id).tag, bench.cluster.runs[1].tag);
    EXPECT_EQ(bench.cluster.runs.size(), 2u);
}

TEST(Adoption, AnotherNodeTellsOfTheSameExport) {
    Interrupted bench;
    bench.cluster.unreachable = Error{Errc::unreachable, "connection refused"};
    bench.start_engine();
    bench.time.run_for(20min);
    EXPECT_EQ(bench.job(bench.id).phase, Phase::following);
    bench.cluster.unreachable.reset();
    bench.cluster.node = "node-2";
    bench.time.run_for(1min);
    EXPECT_EQ(bench.outcome(), Outcome::succeeded);
    EXPECT_EQ(bench.catalog.manifests["nightly"].cluster_host, "node-2");
    bench.expect_one_order();
}

namespace {

/// A restore that has been ordered; the daemon is not there.
struct InterruptedRestore : EngineBench {
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

TEST(Adoption, AnImportIsTakenUpByItsTag) {
    InterruptedRestore bench(false);
    bench.start_engine();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(bench.id).outcome, Outcome::succeeded);
    EXPECT_TRUE(bench.job(bench.id).warnings.empty());
}

TEST(Adoption, AnImportWhoseAnswerWasLostIsTakenUpByTheListOfTasks) {
    InterruptedRestore bench(true);
    bench.start_engine();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(bench.id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.job(bench.id).tag, bench.cluster.runs[1].tag);
}

TEST(Adoption, AnImportWhoseTaskIsGoneIsProvenByTheVmOfTheUuidThatWasPromised) {
    InterruptedRestore bench(false);
    no_task_is_known(bench.cluster);
    bench.start_engine();
    bench.time.run_for(10min);
    EXPECT_EQ(bench.job(bench.id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.job(bench.id).vm, VmUuid{"imported-NEW"});
    EXPECT_NE(all_warnings(bench.job(bench.id)).find("no task told of its end"), std::string::npos);
}

TEST(Adoption, AnImportWhoseAnswerAndTaskAreLostIsProvenByTheVmOfItsName) {
    InterruptedRestore bench(true);
    no_task_is_known(bench.cluster);
    bench.start_engine();
    bench.time.run_for(10min);
    EXPECT_EQ(bench.job(bench.id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.job(bench.id).vm, VmUuid{"imported-NEW"});
}

TEST(Adoption, AnImportThatMadeHalfAVmStaysLost) {
    InterruptedRestore bench(true);
    no_task_is_known(bench.cluster);
    bench.cluster.vms.back().disks.clear();
    bench.start_engine();
    bench.time.run_for(1h);
    EXPECT_EQ(bench.job(bench.id).outcome, Outcome::lost);
    EXPECT_NE(bench.job(bench.id).error->context.find("disks"), std::string::npos);
}
