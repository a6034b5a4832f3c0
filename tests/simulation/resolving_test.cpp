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
    EXPECT_EQ(fixture.job(id).end, ExportEnd::inferred) << "the cluster did not say that this is its task";
    EXPECT_EQ(fixture.job(id).warnings.size(), 1u);
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
        fixture.run_until_clock(17h + 19min);
        EXPECT_EQ(fixture.cluster.runs.size(), 1u) << name_of(code);
        fixture.run_until_clock(20h);
        EXPECT_EQ(fixture.copies_of("FILE01"), 1u) << name_of(code);
        EXPECT_GT(fixture.cluster.runs.size(), 1u) << name_of(code) << ": the end of the first one is not certain";
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

namespace {

/// Another program exports the VM.
void export_by_another(EngineFixture& fixture, std::string const& vm, Milliseconds length) {
    FakeCluster::Run run;
    run.tag = TaskTag{"5000"};
    run.vm = std::ranges::find(fixture.cluster.vms, vm, &Vm::name)->uuid;
    run.vm_name = vm;
    run.folder = "of another program";
    run.asked = fixture.time.steady_now();
    run.length = length;
    fixture.cluster.runs.push_back(run);
}

}  // namespace

TEST(Resolving, AnExportOfAnotherProgramIsNotTakenForOneThatNeverArrived) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_request.insert("FILE01");
    fixture.start();
    fixture.run_until_clock(17h + 1s);
    export_by_another(fixture, "FILE01", 10min);
    fixture.cluster.lose_request.clear();
    fixture.run_until_clock(17h + 5min);
    ASSERT_EQ(fixture.journal.jobs.size(), 1u);
    auto const job = fixture.journal.jobs.begin()->second;
    EXPECT_EQ(job.outcome, Outcome::lost);
    EXPECT_EQ(job.end, ExportEnd::unknown);
    EXPECT_TRUE(job.tag.empty());
    ASSERT_TRUE(job.error);
    EXPECT_NE(job.error->context.find("has not appeared in LocalPath"), std::string::npos) << job.error->context;
    EXPECT_FALSE(fixture.condition(ConditionKind::exports_failing)) << "LocalPath is not at fault";
    fixture.run_until_clock(19h);
    EXPECT_EQ(fixture.copies_of("FILE01"), 1u);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u) << "ours, and the other program's";
}

TEST(Resolving, ACancelledExportWhoseAnswerWasLostEndsAsCancelledAlthoughAnotherProgramExportsTheVm) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_request.insert("FILE01");
    fixture.start();
    auto const id = fixture.backup("FILE01", "manual");
    fixture.time.run_for(1s);
    export_by_another(fixture, "FILE01", 10min);
    ASSERT_TRUE(fixture.get(fixture.engine->cancel(id)));
    fixture.time.run_for(5min);
    auto const job = fixture.job(id);
    EXPECT_EQ(job.outcome, Outcome::cancelled);
    EXPECT_FALSE(is_withdrawn(job)) << "a person did it";
    ASSERT_TRUE(job.error) << "what is not known is said";
    EXPECT_NE(job.error->context.find("no task of the cluster shows its outcome"), std::string::npos);
}

TEST(Resolving, OfTwoExportsOfTheVmNoneIsTakenForOursAndTheEndIsNotSeen) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_answer.insert("FILE01");
    fixture.cluster.length = 20min;
    fixture.cluster.on_begin = [&](FakeCluster::Run const& run) {
        fixture.catalog.folders.insert(run.folder);
        export_by_another(fixture, run.vm_name, 1min);
    };
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(15min);
    EXPECT_EQ(fixture.job(id).phase, Phase::resolving) << "an export that may be ours is at work";
    EXPECT_TRUE(fixture.catalog.manifests.empty());
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(id).end, ExportEnd::inferred);
    EXPECT_EQ(fixture.job(id).warnings.size(), 1u);
}

TEST(Resolving, TwoExportsOfOneVmWithoutAnswersAreNotSwapped) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_answer.insert("FILE01");
    fixture.cluster.on_begin = [&](FakeCluster::Run const& run) {
        fixture.catalog.folders.insert(run.folder);
        if (fixture.cluster.runs.size() == 1) fixture.cluster.runs.front().fails_with = "Disk read error";
    };
    fixture.cluster.post_delay = 3s;
    auto const broken = fixture.backup("FILE01", "a");
    auto const good = fixture.backup("FILE01", "b");
    fixture.time.run_for(30min);
    ASSERT_EQ(fixture.cluster.runs.size(), 2u);
    EXPECT_NE(fixture.job(broken).end, ExportEnd::seen) << "its task failed";
    EXPECT_NE(fixture.job(good).outcome, Outcome::failed) << "its task did not";
    EXPECT_NE(fixture.job(good).end, ExportEnd::failed);
}

TEST(Resolving, TheLastTaskOfTheVmAloneIsNoProofOfASeenEnd) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_answer.insert("FILE01");
    fixture.cluster.lists_tasks = false;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(id).end, ExportEnd::inferred) << "another export may have come later";
}

TEST(Resolving, AFolderOfExportsThatAllFailedIsNotInspected) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_answer.insert("FILE01");
    fixture.cluster.on_begin = [&](FakeCluster::Run const& run) {
        fixture.catalog.folders.insert(run.folder);
        export_by_another(fixture, run.vm_name, 1min);
        for (auto& each : fixture.cluster.runs) each.fails_with = "the disk is full";
    };
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::lost);
    EXPECT_NE(fixture.job(id).error->context.find("the disk is full"), std::string::npos);
}

TEST(Resolving, AnExportThatTheClusterHasQueuedIsWaitedForUntilItsFolderAppears) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_answer.insert("FILE01");
    fixture.cluster.stays_queued.insert("FILE01");
    fixture.cluster.on_begin = [](FakeCluster::Run const&) {};
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.job(id).phase, Phase::resolving);
    fixture.cluster.stays_queued.clear();
    fixture.catalog.folders.insert(fixture.cluster.runs.front().folder);
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(id).end, ExportEnd::inferred);
}

// ---- a login that is refused while jobs run

TEST(Resolving, RunningJobsRepeatARefusedLoginAfterMinutesThenHours) {
    EngineFixture fixture;
    for (auto const* vm : {"A", "B", "C"}) fixture.cluster.add_vm(vm);
    fixture.cluster.length = 5h;
    std::vector<JobId> jobs;
    for (auto const* vm : {"A", "B", "C"}) jobs.push_back(fixture.backup(vm, vm));
    fixture.time.run_for(1min);
    fixture.cluster.unreachable = Error{Errc::credentials_refused, "401"};
    auto const before = fixture.cluster.requests;
    fixture.time.run_for(4h);
    EXPECT_GE(fixture.cluster.requests - before, 4);
    EXPECT_LE(fixture.cluster.requests - before, 12);
    EXPECT_TRUE(fixture.condition(ConditionKind::cluster_login_refused));
    fixture.cluster.unreachable.reset();
    fixture.engine->forget_vms();  // as a reload does
    fixture.time.run_for(2h);
    for (auto const id : jobs) EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
}

TEST(Resolving, ALostAnswerIsNotSearchedForWithARefusedLoginAgainAndAgain) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_answer.insert("FILE01");
    fixture.cluster.on_begin = [&](FakeCluster::Run const& run) {
        fixture.catalog.folders.insert(run.folder);
        fixture.cluster.unreachable = Error{Errc::credentials_refused, "401"};
    };
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1s);
    auto const before = fixture.cluster.requests;
    fixture.time.run_for(4h);
    EXPECT_EQ(fixture.job(id).phase, Phase::resolving);
    EXPECT_LE(fixture.cluster.requests - before, 10);
    fixture.cluster.unreachable.reset();
    fixture.engine->forget_vms();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
}

TEST(Resolving, ATaskThatAnswersEndsThePauseOfARefusedLogin) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.length = 5h;
    fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    fixture.cluster.unreachable = Error{Errc::credentials_refused, "401"};
    fixture.time.run_for(1h);
    ASSERT_FALSE(fixture.get(fixture.engine->list_vms_by_clock(0ms)));
    fixture.cluster.unreachable.reset();
    fixture.time.run_for(90min);
    EXPECT_FALSE(fixture.condition(ConditionKind::cluster_login_refused));
    EXPECT_TRUE(fixture.get(fixture.engine->list_vms_by_clock(0ms)));
}
