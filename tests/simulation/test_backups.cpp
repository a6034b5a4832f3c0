#include "tests/simulation/engine_bench.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

TEST(Backups, TwelveVmsOfSevenSecondsNeedHardlyMoreThanTheIdealTimeAndFewRequests) {
    EngineBench bench;
    for (int i = 0; i < 12; ++i) bench.cluster.add_vm("VM" + std::to_string(i));
    auto const begun = bench.time.now();
    for (int i = 0; i < 12; ++i) bench.backup("VM" + std::to_string(i), "b" + std::to_string(i));
    bench.time.run_for(1min);
    ASSERT_EQ(bench.catalog.manifests.size(), 12u);
    UtcTime last{};
    for (auto const& [id, job] : bench.journal.jobs) last = std::max(last, job.finished.value());
    EXPECT_LE(last - begun, 28840ms);
    EXPECT_LE(bench.cluster.requests, 60);
    RecordProperty("makespan_ms", static_cast<int>((last - begun).count()));
    RecordProperty("requests", bench.cluster.requests);
}

TEST(Backups, NeverMoreThanThreeRunAtOnce) {
    EngineBench bench;
    for (int i = 0; i < 9; ++i) bench.cluster.add_vm("VM" + std::to_string(i));
    for (int i = 0; i < 9; ++i) bench.backup("VM" + std::to_string(i), "b" + std::to_string(i));
    for (int i = 0; i < 100; ++i) {
        EXPECT_LE(bench.cluster.running(), 3);
        bench.time.run_for(250ms);
    }
    EXPECT_EQ(bench.catalog.manifests.size(), 9u);
}

TEST(Backups, OneVmsFailureEndsThatJobOnly) {
    EngineBench bench;
    for (int i = 0; i < 9; ++i) bench.cluster.add_vm("VM" + std::to_string(i));
    bench.cluster.refuse_post["VM0"] = Error{Errc::rejected, "500: An internal error occurred"};
    bench.cluster.task_error["VM1"] = "Disk read error";
    bench.catalog.bad["b2"] = Error{Errc::damaged_backup, "disk.qcow2 is cut"};
    std::vector<JobId> ids;
    for (int i = 0; i < 9; ++i) ids.push_back(bench.backup("VM" + std::to_string(i), "b" + std::to_string(i)));
    bench.time.run_for(2min);
    EXPECT_EQ(bench.catalog.manifests.size(), 6u);
    EXPECT_EQ(bench.job(ids[0]).outcome, Outcome::failed);
    EXPECT_EQ(bench.job(ids[1]).error->code, Errc::task_failed);
    EXPECT_NE(bench.job(ids[1]).error->context.find("Disk read error"), std::string::npos);
    EXPECT_EQ(bench.job(ids[2]).error->code, Errc::damaged_backup);
    for (std::size_t i = 3; i < 9; ++i) EXPECT_EQ(bench.job(ids[i]).outcome, Outcome::succeeded);
}

TEST(Backups, TheIntentIsRecordedBeforeThePostAndTheTagRightAfter) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.post_delay = 11700ms;
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(5s);
    EXPECT_EQ(bench.journal.jobs[id].phase, Phase::posting);
    EXPECT_TRUE(bench.journal.jobs[id].tag.empty());
    bench.time.run_for(7s);
    EXPECT_EQ(bench.journal.jobs[id].phase, Phase::following);
    EXPECT_FALSE(bench.journal.jobs[id].tag.empty());
    bench.time.run_for(1min);
}

TEST(Backups, WithoutAnIntentOnDiskNothingIsPosted) {
    EngineBench bench{1};
    bench.cluster.add_vm("FIRST");
    bench.cluster.add_vm("SECOND");
    bench.backup("FIRST", "a");
    auto const second = bench.backup("SECOND", "b");
    bench.time.run_for(1s);
    bench.journal.full = true;
    bench.time.run_for(1min);
    ASSERT_EQ(bench.cluster.runs.size(), 1u);
    EXPECT_EQ(bench.cluster.runs.front().vm_name, "FIRST");
    EXPECT_EQ(bench.changes.back().id, second);
    EXPECT_EQ(bench.changes.back().error->code, Errc::no_space);
}

TEST(Backups, APostWhoseAnswerIsLostIsFoundAgainAndNeverSentTwice) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.lose_answer.insert("FILE01");
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
    EXPECT_TRUE(bench.catalog.manifests.contains("nightly"));
}

TEST(Backups, APostThatNeverArrivedIsLostAndSaysSo) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.lose_request.insert("FILE01");
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(10min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::lost);
    EXPECT_EQ(bench.job(id).error->code, Errc::outcome_unknown);
    EXPECT_TRUE(bench.catalog.manifests.empty());
}

TEST(Backups, AnExpiredTagIsLostUnlessTheVmRemembersHowItEnded) {
    for (bool vm_remembers : {true, false}) {
        EngineBench bench;
        bench.cluster.add_vm("FILE01");
        bench.cluster.instead_of_report = [](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
            TaskReport absent;
            absent.tag = run.tag;
            return Result<TaskReport>{absent};
        };
        auto const id = bench.backup("FILE01", "nightly");
        bench.time.run_for(100ms);
        ASSERT_EQ(bench.cluster.runs.size(), 1u);
        if (vm_remembers) bench.time.run_for(400ms);
        bench.cluster.length = 1ms;
        bench.cluster.runs.front().length = vm_remembers ? 1ms : 10h;
        bench.cluster.lists_tasks = false;
        bench.cluster.vms_know_tasks = vm_remembers;
        if (!vm_remembers) bench.catalog.folders.clear();  // else that would have to prove itself
        bench.time.run_for(1min);
        EXPECT_EQ(bench.job(id).outcome, vm_remembers ? Outcome::succeeded : Outcome::lost);
        EXPECT_EQ(bench.catalog.manifests.size(), vm_remembers ? 1u : 0u);
    }
}

TEST(Backups, StrangeStatesAreEnduredForAWhileAndThenGivenUp) {
    for (auto state : {TaskState::uninitialized, TaskState::unknown}) {
        EngineBench bench;
        bench.cluster.add_vm("FILE01");
        auto until = bench.time.steady_now() + 30s;
        bench.cluster.instead_of_report = [&](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
            if (bench.time.steady_now() >= until) return std::nullopt;
            auto report = bench.cluster.report_of(run);
            report.state = state;
            report.state_word = "STRANGE";
            return Result<TaskReport>{report};
        };
        auto const id = bench.backup("FILE01", "endured");
        bench.time.run_for(1min);
        EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);

        until = bench.time.steady_now() + 100h;
        auto const hopeless = bench.backup("FILE01", "hopeless");
        bench.time.run_for(1h);
        EXPECT_EQ(bench.job(hopeless).outcome, Outcome::lost);
        EXPECT_FALSE(bench.catalog.manifests.contains("hopeless"));
    }
}

TEST(Backups, ProgressThatStandsStillIsGivenUpAndFreesTheSlot) {
    EngineBench bench{1};
    bench.cluster.add_vm("STUCK");
    bench.cluster.add_vm("NEXT");
    bench.cluster.instead_of_report = [&](FakeCluster::Run const& run) -> std::optional<Result<TaskReport>> {
        if (run.vm_name != "STUCK") return std::nullopt;
        TaskReport report;
        report.tag = run.tag;
        report.state = TaskState::running;
        report.percent = 42;
        return Result<TaskReport>{report};
    };
    auto const stuck = bench.backup("STUCK", "a");
    auto const next = bench.backup("NEXT", "b");
    bench.time.run_for(8h);
    EXPECT_EQ(bench.job(stuck).outcome, Outcome::lost);
    EXPECT_NE(bench.job(stuck).error->context.find("42 %"), std::string::npos);
    EXPECT_EQ(bench.job(next).outcome, Outcome::succeeded);
}

TEST(Backups, AClusterThatIsAwayForHalfAnHourCostsNoBackup) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.length = 10min;
    auto const id = bench.backup("FILE01", "nightly");
    bench.time.run_for(2min);
    bench.cluster.unreachable = Error{Errc::unavailable, "502 Bad Gateway"};
    bench.time.run_for(30min);
    EXPECT_EQ(bench.job(id).phase, Phase::following);
    bench.cluster.unreachable.reset();
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded);
}

TEST(Backups, NamesAreCheckedBeforeAnythingIsSent) {
    EngineBench bench;
    bench.cluster.add_vm("FILE01");
    bench.cluster.add_vm("TWIN");
    bench.cluster.add_vm("TWIN");
    bench.catalog.folders.insert("old");
    EXPECT_EQ(bench.get(bench.engine->submit_backup("FILE01", "a/b")).error().code, Errc::invalid_name);
    EXPECT_EQ(bench.get(bench.engine->submit_backup("FILE01", "old")).error().code, Errc::name_in_use);
    EXPECT_EQ(bench.get(bench.engine->submit_backup("NOBODY", "new")).error().code, Errc::not_found);
    auto const twins = bench.get(bench.engine->submit_backup("TWIN", "new"));
    EXPECT_EQ(twins.error().code, Errc::ambiguous_name);
    for (std::size_t i : {1u, 2u}) EXPECT_NE(twins.error().context.find(bench.cluster.vms[i].uuid.text()), std::string::npos);
    bench.backup(bench.cluster.vms[1].uuid.text(), "same");
    EXPECT_EQ(bench.get(bench.engine->submit_backup("FILE01", "same")).error().code, Errc::name_in_use);
    bench.time.run_for(1min);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(Backups, AQueuedJobIsCancelledAtOnceAndARunningOneIsDiscardedAtItsEnd) {
    EngineBench bench{1};
    bench.cluster.add_vm("A");
    bench.cluster.add_vm("B");
    auto const running = bench.backup("A", "a");
    auto const queued = bench.backup("B", "b");
    bench.time.run_for(1s);
    EXPECT_TRUE(bench.get(bench.engine->cancel(queued)));
    bench.time.run_for(0s);
    EXPECT_EQ(bench.job(queued).outcome, Outcome::cancelled);
    EXPECT_TRUE(bench.get(bench.engine->cancel(running)));
    bench.time.run_for(1min);
    EXPECT_EQ(bench.job(running).outcome, Outcome::cancelled);
    EXPECT_EQ(bench.catalog.discarded, std::vector<std::string>{"a"});
    EXPECT_TRUE(bench.catalog.manifests.empty());
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
    EXPECT_EQ(bench.get(bench.engine->cancel(running)).error().code, Errc::refused);
    EXPECT_EQ(bench.get(bench.engine->cancel(999)).error().code, Errc::not_found);
}
