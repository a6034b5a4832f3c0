// The outcome of a request whose answer or tag was lost: only a cluster that answers and a folder that can be read
// decide that it failed.
#include "tests/simulation/schedule_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

Error no_route() { return {Errc::unreachable, "no route to host"}; }

/// The request is accepted, and its answer is lost because the cluster becomes unreachable.
void go_away_with_the_next_order(EngineFixture& fixture, std::string const& vm, bool folder_appears) {
    fixture.cluster.lose_answer.insert(vm);
    fixture.cluster.on_begin = [&fixture, folder_appears](FakeCluster::Run const& run) {
        if (folder_appears) fixture.catalog.folders.insert(run.folder);
        fixture.cluster.unreachable = no_route();
    };
}

/// The cluster no longer knows any task.
void forget_all_tasks(FakeCluster& cluster) {
    cluster.knows_tags = false;
    cluster.lists_tasks = false;
    cluster.vms_know_tasks = false;
}

}  // namespace

TEST(Resolving, AFolderDecidesNothingWhileTheClusterDoesNotAnswer) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.length = 1h;
    go_away_with_the_next_order(fixture, "FILE01", true);
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(id).phase, Phase::resolving);
    EXPECT_TRUE(fixture.catalog.manifests.empty());
    fixture.cluster.unreachable.reset();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).phase, Phase::following) << "the task is found again";
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_TRUE(fixture.job(id).warnings.empty());
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(Resolving, AnExportThatFailedWhileTheClusterWasUnreachableIsNotABackup) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.task_error["FILE01"] = "the node was restarted";
    go_away_with_the_next_order(fixture, "FILE01", true);
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(30min);
    fixture.cluster.unreachable.reset();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::failed);
    EXPECT_TRUE(fixture.catalog.manifests.empty());
}

TEST(Resolving, AClusterThatIsUnreachableAfterTheRequestGetsNoSecondRequest) {
    for (auto const code : {Errc::outcome_unknown, Errc::maybe_rejected}) {
        ScheduleFixture fixture;
        fixture.cluster.add_vm("FILE01");
        fixture.cluster.length = 20min;
        go_away_with_the_next_order(fixture, "FILE01", false);
        if (code == Errc::maybe_rejected) {
            fixture.cluster.lose_answer.clear();
            fixture.cluster.answer_with_error.insert_or_assign("FILE01", Error{code, "500"});
        }
        fixture.start();
        fixture.run_until_clock(17h + 10min);
        ASSERT_EQ(fixture.cluster.runs.size(), 1u);
        fixture.catalog.folders.insert(fixture.cluster.runs.front().folder);
        fixture.cluster.unreachable.reset();
        fixture.run_until_clock(20h);
        EXPECT_EQ(fixture.cluster.runs.size(), 1u) << name_of(code);
        EXPECT_EQ(fixture.copies_of("FILE01"), 1u) << name_of(code);
    }
}

TEST(Resolving, AnUnreadableFolderDoesNotCountAsMissing) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(100ms);
    ASSERT_EQ(fixture.job(id).phase, Phase::following);
    forget_all_tasks(fixture.cluster);
    fixture.catalog.unseen.insert_or_assign("nightly", Error{Errc::io, "Permission denied"});
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(id).phase, Phase::resolving);
    fixture.catalog.unseen.clear();
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded) << "seen, at rest and whole";
}

TEST(Resolving, AnExportWithoutAnAnswerForTwelveHoursIsLostWhateverTheFolderHolds) {
    for (auto const code : {Errc::outcome_unknown, Errc::maybe_rejected}) {
        EngineFixture fixture;
        fixture.cluster.add_vm("FILE01");
        go_away_with_the_next_order(fixture, "FILE01", code == Errc::outcome_unknown);
        fixture.cluster.lose_answer.clear();
        fixture.cluster.answer_with_error.insert_or_assign("FILE01", Error{code, "no usable answer"});
        auto const id = fixture.backup("FILE01", "nightly");
        fixture.time.run_for(13h);
        EXPECT_EQ(fixture.job(id).outcome, Outcome::lost) << name_of(code);
        ASSERT_TRUE(fixture.job(id).error);
        EXPECT_NE(fixture.job(id).error->context.find("12 hours"), std::string::npos) << fixture.job(id).error->context;
        EXPECT_TRUE(fixture.catalog.manifests.empty());
    }
}

TEST(Resolving, TheVmsReportTheirTasksIfTheClusterRefusesTheListOfTasks) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_request.insert("FILE01");
    fixture.cluster.refuse_list_of_tasks = Error{Errc::forbidden, "403"};
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::lost);
}

TEST(Resolving, ATaskThatIsListedButCannotBeReadIsNotAskedForWithoutPause) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.length = 2h;
    fixture.cluster.instead_of_report = [](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
        TaskReport absent;
        absent.tag = run.tag;
        return absent;
    };
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(90min);
    EXPECT_FALSE(fixture.job(id).phase == Phase::finished);
    EXPECT_LT(fixture.journal.transitions.size(), 400u);
    fixture.cluster.instead_of_report = {};
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
}
