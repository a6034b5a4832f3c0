#include "tests/simulation/engine_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

TEST(Backups, TwelveExportsOfSevenSecondsTakeNearlyTheIdealTimeAndFewRequests) {
    EngineFixture fixture;
    for (int i = 0; i < 12; ++i) fixture.cluster.add_vm("VM" + std::to_string(i));
    auto const started = fixture.time.now();
    for (int i = 0; i < 12; ++i) fixture.backup("VM" + std::to_string(i), "b" + std::to_string(i));
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.catalog.manifests.size(), 12u);
    UtcTime last{};
    for (auto const& [id, job] : fixture.journal.jobs) last = std::max(last, job.finished.value());
    EXPECT_LE(last - started, 28840ms);
    EXPECT_LE(fixture.cluster.requests, 60);
    RecordProperty("makespan_ms", static_cast<int>((last - started).count()));
    RecordProperty("requests", fixture.cluster.requests);
}

TEST(Backups, NeverMoreThanThreeRunAtATime) {
    EngineFixture fixture;
    for (int i = 0; i < 9; ++i) fixture.cluster.add_vm("VM" + std::to_string(i));
    for (int i = 0; i < 9; ++i) fixture.backup("VM" + std::to_string(i), "b" + std::to_string(i));
    for (int i = 0; i < 100; ++i) {
        EXPECT_LE(fixture.cluster.running(), 3);
        fixture.time.run_for(250ms);
    }
    EXPECT_EQ(fixture.catalog.manifests.size(), 9u);
}

TEST(Backups, TheFailureOfOneVmEndsOnlyItsJob) {
    EngineFixture fixture;
    for (int i = 0; i < 9; ++i) fixture.cluster.add_vm("VM" + std::to_string(i));
    fixture.cluster.refuse_post["VM0"] = Error{Errc::rejected, "500: An internal error occurred"};
    fixture.cluster.task_error["VM1"] = "Disk read error";
    fixture.catalog.bad["b2"] = Error{Errc::damaged_backup, "disk.qcow2 is cut"};
    std::vector<JobId> ids;
    for (int i = 0; i < 9; ++i) ids.push_back(fixture.backup("VM" + std::to_string(i), "b" + std::to_string(i)));
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.catalog.manifests.size(), 6u);
    EXPECT_EQ(fixture.job(ids[0]).outcome, Outcome::failed);
    EXPECT_EQ(fixture.job(ids[1]).error->code, Errc::task_failed);
    EXPECT_NE(fixture.job(ids[1]).error->context.find("Disk read error"), std::string::npos);
    EXPECT_EQ(fixture.job(ids[2]).error->code, Errc::damaged_backup);
    for (std::size_t i = 3; i < 9; ++i) EXPECT_EQ(fixture.job(ids[i]).outcome, Outcome::succeeded);
}

TEST(Backups, TheIntentIsRecordedBeforeThePostAndTheTagRightAfter) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.post_delay = 11700ms;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(5s);
    EXPECT_EQ(fixture.journal.jobs[id].phase, Phase::posting);
    EXPECT_TRUE(fixture.journal.jobs[id].tag.empty());
    fixture.time.run_for(7s);
    EXPECT_EQ(fixture.journal.jobs[id].phase, Phase::following);
    EXPECT_FALSE(fixture.journal.jobs[id].tag.empty());
    fixture.time.run_for(1min);
}

TEST(Backups, WithoutAnIntentOnDiskNothingIsPosted) {
    EngineFixture fixture{1};
    fixture.cluster.add_vm("FIRST");
    fixture.cluster.add_vm("SECOND");
    fixture.backup("FIRST", "a");
    auto const second = fixture.backup("SECOND", "b");
    fixture.time.run_for(1s);
    fixture.journal.full = true;
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.cluster.runs.size(), 1u);
    EXPECT_EQ(fixture.cluster.runs.front().vm_name, "FIRST");
    EXPECT_EQ(fixture.changes.back().id, second);
    EXPECT_EQ(fixture.changes.back().error->code, Errc::no_space);
}

TEST(Backups, APostWhoseAnswerIsLostIsFoundAgainAndNeverSentTwice) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_answer.insert("FILE01");
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    EXPECT_TRUE(fixture.catalog.manifests.contains("nightly"));
}

TEST(Backups, APostThatNeverArrivedIsLostAndSaysSo) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.lose_request.insert("FILE01");
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::lost);
    EXPECT_EQ(fixture.job(id).error->code, Errc::outcome_unknown);
    EXPECT_TRUE(fixture.catalog.manifests.empty());
}

TEST(Backups, AnExpiredTagIsLostUnlessTheVmKnowsItsOutcome) {
    for (bool vm_remembers : {true, false}) {
        EngineFixture fixture;
        fixture.cluster.add_vm("FILE01");
        fixture.cluster.instead_of_report = [](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
            TaskReport absent;
            absent.tag = run.tag;
            return Result<TaskReport>{absent};
        };
        auto const id = fixture.backup("FILE01", "nightly");
        fixture.time.run_for(100ms);
        ASSERT_EQ(fixture.cluster.runs.size(), 1u);
        if (vm_remembers) fixture.time.run_for(400ms);
        fixture.cluster.length = 1ms;
        fixture.cluster.runs.front().length = vm_remembers ? 1ms : 10h;
        fixture.cluster.lists_tasks = false;
        fixture.cluster.vms_know_tasks = vm_remembers;
        if (!vm_remembers) fixture.catalog.folders.clear();  // otherwise the folder would be inspected
        fixture.time.run_for(1min);
        EXPECT_EQ(fixture.job(id).outcome, vm_remembers ? Outcome::succeeded : Outcome::lost);
        EXPECT_EQ(fixture.catalog.manifests.size(), vm_remembers ? 1u : 0u);
    }
}

TEST(Backups, UnexpectedStatesAreToleratedForAWhileAndThenAbandoned) {
    for (auto state : {TaskState::uninitialized, TaskState::unknown}) {
        EngineFixture fixture;
        fixture.cluster.add_vm("FILE01");
        auto until = fixture.time.steady_now() + 30s;
        fixture.cluster.instead_of_report = [&](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
            if (fixture.time.steady_now() >= until) return std::nullopt;
            auto report = fixture.cluster.report_of(run);
            report.state = state;
            report.state_word = "STRANGE";
            return Result<TaskReport>{report};
        };
        auto const id = fixture.backup("FILE01", "endured");
        fixture.time.run_for(1min);
        EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);

        until = fixture.time.steady_now() + 100h;
        auto const hopeless = fixture.backup("FILE01", "hopeless");
        fixture.time.run_for(1h);
        EXPECT_EQ(fixture.job(hopeless).outcome, Outcome::lost);
        EXPECT_FALSE(fixture.catalog.manifests.contains("hopeless"));
    }
}

TEST(Backups, TheNextExportStartsWhileTheFilesOfTheLastOneAreInspected) {
    EngineFixture fixture{1};
    fixture.cluster.add_vm("FIRST");
    fixture.cluster.add_vm("SECOND");
    fixture.catalog.bad["first"] = Error{Errc::share_not_visible, "the share shows it later"};
    auto const first = fixture.backup("FIRST", "first");
    fixture.backup("SECOND", "second");
    fixture.time.run_for(10s);
    EXPECT_EQ(fixture.job(first).phase, Phase::inspecting);
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
}

TEST(Backups, AClusterThatIsUnreachableForHalfAnHourCostsNoBackup) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.length = 10min;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(2min);
    fixture.cluster.unreachable = Error{Errc::unavailable, "502 Bad Gateway"};
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.job(id).phase, Phase::following);
    fixture.cluster.unreachable.reset();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
}

TEST(Backups, NamesAreCheckedBeforeAnythingIsSent) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.add_vm("TWIN");
    fixture.cluster.add_vm("TWIN");
    fixture.catalog.folders.insert("old");
    EXPECT_EQ(fixture.get(fixture.engine->submit_backup("FILE01", "a/b")).error().code, Errc::invalid_name);
    EXPECT_EQ(fixture.get(fixture.engine->submit_backup("FILE01", "old")).error().code, Errc::name_in_use);
    EXPECT_EQ(fixture.get(fixture.engine->submit_backup("NOBODY", "new")).error().code, Errc::not_found);
    auto const twins = fixture.get(fixture.engine->submit_backup("TWIN", "new"));
    EXPECT_EQ(twins.error().code, Errc::ambiguous_name);
    for (std::size_t i : {1u, 2u})
        EXPECT_NE(twins.error().context.find(fixture.cluster.vms[i].uuid.text()), std::string::npos);
    fixture.backup(fixture.cluster.vms[1].uuid.text(), "same");
    for (auto const* name : {"same", "SAME"})
        EXPECT_EQ(fixture.get(fixture.engine->submit_backup("FILE01", name)).error().code, Errc::name_in_use) << name;
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(Backups, AQueuedJobIsCancelledImmediatelyAndARunningOneIsDeletedWhenItEnds) {
    EngineFixture fixture{1};
    fixture.cluster.add_vm("A");
    fixture.cluster.add_vm("B");
    auto const running = fixture.backup("A", "a");
    auto const queued = fixture.backup("B", "b");
    fixture.time.run_for(1s);
    EXPECT_TRUE(fixture.get(fixture.engine->cancel(queued)));
    fixture.time.run_for(0s);
    EXPECT_EQ(fixture.job(queued).outcome, Outcome::cancelled);
    EXPECT_TRUE(fixture.get(fixture.engine->cancel(running)));
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(running).outcome, Outcome::cancelled);
    EXPECT_EQ(fixture.catalog.discarded, std::vector<std::string>{folder_of(fixture.job(running))});
    EXPECT_TRUE(fixture.catalog.folders.empty());
    EXPECT_TRUE(fixture.catalog.manifests.empty());
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    EXPECT_EQ(fixture.get(fixture.engine->cancel(running)).error().code, Errc::refused);
    EXPECT_EQ(fixture.get(fixture.engine->cancel(999)).error().code, Errc::not_found);
}

TEST(Backups, AnOrderWhoseClientIsGoneWhenItCouldBeAcceptedIsNotAccepted) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    auto const order = [&](bool is_gone) {
        return fixture.get(fixture.engine->submit_backup("FILE01", "manual", [is_gone] { return is_gone; }));
    };
    auto const refused = order(true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_TRUE(fixture.journal.jobs.empty());
    EXPECT_TRUE(order(false));
}

TEST(Backups, AFileThatAMountedShareShowsLateIsWaitedFor) {
    for (bool const is_mounted : {true, false}) {
        EngineFixture fixture;
        fixture.cluster.add_vm("FILE01");
        if (is_mounted) fixture.catalog.boot.clear();
        fixture.catalog.bad["nightly"] = Error{Errc::incomplete_backup, "a disk image is missing"};
        auto const id = fixture.backup("FILE01", "nightly");
        fixture.time.run_for(50s);
        fixture.catalog.bad.clear();
        fixture.time.run_for(10s);
        EXPECT_EQ(fixture.job(id).outcome, is_mounted ? Outcome::succeeded : Outcome::failed);
        if (!is_mounted) EXPECT_NE(fixture.job(id).error->context.find("ShareDelay"), std::string::npos);
    }
}
