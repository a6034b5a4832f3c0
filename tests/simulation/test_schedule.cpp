#include "tests/simulation/schedule_bench.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using ports::HookKind;

TEST(Schedule, OpensItsWindowByItselfAndServesEveryVmOnceANight) {
    ScheduleBench bench;
    for (auto name : {"A", "B", "C", "D", "E"}) bench.cluster.add_vm(name);
    bench.cluster.length = 2h;  // five of two hours in thirteen: some end long after midnight
    bench.start();
    bench.run_until_clock(16h + 59min);
    EXPECT_TRUE(bench.cluster.runs.empty());
    bench.run_until_clock(17h + 1min);
    EXPECT_EQ(bench.cluster.runs.size(), 3u);
    for (int night = 1; night <= 7; ++night) {
        bench.run_until_clock(7h);
        for (auto name : {"A", "B", "C", "D", "E"}) EXPECT_EQ(bench.copies_of(name), static_cast<std::size_t>(night)) << name;
    }
}

TEST(Schedule, NothingNewStartsAfterTheWindowClosedAndWhatRunsEnds) {
    ScheduleBench bench;
    for (int i = 0; i < 12; ++i) bench.cluster.add_vm("VM" + std::to_string(i));
    bench.cluster.length = 5h;
    bench.start();
    bench.run_until_clock(17h + 1min);
    bench.run_until_clock(6h + 1min);
    auto const begun = bench.cluster.runs.size();
    EXPECT_EQ(begun, 9u);
    bench.run_until_clock(16h);
    EXPECT_EQ(bench.cluster.runs.size(), begun);
    EXPECT_EQ(bench.catalog.manifests.size(), 9u);
    bench.run_until_clock(17h + 1min);
    std::set<std::string> next;
    for (std::size_t i = 9; i < bench.cluster.runs.size(); ++i) next.insert(bench.cluster.runs[i].vm_name);
    EXPECT_EQ(next, (std::set<std::string>{"VM7", "VM8", "VM9"})) << "those that were never served come first";
}

TEST(Schedule, StartingInsideAnOpenWindowBeginsAtOnce) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.run_until_clock(22h);
    bench.start();
    bench.time.run_for(1s);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(Schedule, AFailingVmGoesBehindTheOthersAndIsTriedAgainInTheSameWindow) {
    ScheduleBench bench;
    for (auto name : {"BAD", "X", "Y", "Z"}) bench.cluster.add_vm(name);
    bench.cluster.refuse_post["BAD"] = Error{Errc::rejected, "500: An internal error occurred"};
    bench.start();
    bench.run_until_clock(17h + 2min);
    EXPECT_EQ(bench.catalog.manifests.size(), 3u);
    bench.cluster.refuse_post.clear();
    bench.run_until_clock(18h);
    EXPECT_EQ(bench.catalog.manifests.size(), 4u);
    ASSERT_EQ(bench.alerts.runs.size(), 1u);
    EXPECT_EQ(bench.alerts.runs.front().succeeded, 4);
    EXPECT_EQ(bench.alerts.runs.front().failed, 0) << "a VM that was served in the end has been served";
}

TEST(Schedule, AVmThatAlwaysFailsBlocksNobodyAndIsNamedAtTheEnd) {
    ScheduleBench bench;
    for (auto name : {"BAD", "X", "Y", "Z"}) bench.cluster.add_vm(name);
    bench.cluster.task_error["BAD"] = "Disk read error";
    bench.start();
    for (int night = 1; night <= 3; ++night) {
        bench.run_until_clock(17h + 1min);
        bench.run_until_clock(7h);
        EXPECT_EQ(bench.copies_of("X"), static_cast<std::size_t>(night));
    }
    EXPECT_EQ(bench.copies_of("BAD"), 0u);
    ASSERT_EQ(bench.alerts.runs.size(), 3u) << "one run a night, however often it was tried";
    EXPECT_EQ(bench.alerts.runs.front().failed, 1);
    ASSERT_EQ(bench.alerts.failed.front().size(), 1u);
    EXPECT_NE(bench.alerts.failed.front().front().error->context.find("Disk read error"), std::string::npos);
    EXPECT_LT(bench.cluster.runs.size(), 80u) << "with back-off, not in a loop";
}

TEST(Schedule, ARunGoesThroughItsHooksInOrder) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.cluster.add_vm("B");
    bench.hooks.set = {HookKind::pre_schedule, HookKind::post_backup, HookKind::post_schedule};
    bench.hooks.delay = true;
    bench.hooks.length = 1min;
    bench.start();
    bench.run_until_clock(18h);
    ASSERT_EQ(bench.hooks.runs.size(), 4u);
    EXPECT_TRUE(bench.hooks.runs[0].starts_with("pre_schedule"));
    EXPECT_TRUE(bench.hooks.runs[1].starts_with("post_backup"));
    EXPECT_TRUE(bench.hooks.runs[2].starts_with("post_backup"));
    EXPECT_TRUE(bench.hooks.runs[3].starts_with("post_schedule"));
    EXPECT_EQ(bench.catalog.manifests.size(), 2u);
}

TEST(Schedule, RetentionRunsAtTheEndAndNeverTakesTheLastGoodCopy) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.settings.policy.max_backups = 3;
    bench.settings.policy.max_age = config::CivilDuration{4, 0s};
    bench.start();
    for (int night = 0; night < 10; ++night) bench.run_until_clock(7h);
    EXPECT_EQ(bench.copies_of("A"), 3u);
    bench.cluster.task_error["A"] = "Disk read error";
    for (int night = 0; night < 30; ++night) bench.run_until_clock(7h);
    EXPECT_EQ(bench.copies_of("A"), 1u) << "thirty bad nights leave the newest good copy";
}

TEST(Schedule, PauseSurvivesARestartAndResumeBeginsAtOnce) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.start();
    ASSERT_TRUE(bench.get(bench.scheduler->set_paused(true)));
    bench.stop();
    bench.start();
    bench.run_until_clock(18h);
    EXPECT_TRUE(bench.scheduler->paused());
    EXPECT_TRUE(bench.cluster.runs.empty());
    ASSERT_TRUE(bench.get(bench.scheduler->set_paused(false)));
    bench.time.run_for(1s);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(Schedule, ARestartInTheMiddleOfARunGoesOnWithThatRun) {
    ScheduleBench bench;
    for (int i = 0; i < 6; ++i) bench.cluster.add_vm("VM" + std::to_string(i));
    bench.cluster.length = 1h;
    bench.hooks.set = {HookKind::pre_schedule, HookKind::post_schedule};
    bench.start();
    bench.run_until_clock(17h + 30min);
    bench.stop();
    bench.time.run_for(20min);
    bench.start();
    bench.run_until_clock(23h);
    EXPECT_EQ(bench.catalog.manifests.size(), 6u);
    EXPECT_EQ(bench.cluster.runs.size(), 6u) << "no export was started twice";
    EXPECT_EQ(bench.alerts.runs.size(), 1u);
    EXPECT_EQ(bench.hooks.runs.size(), 2u) << "the hooks ran once each";
}

TEST(Schedule, TheCommandIsRefusedOutsideTheWindowAndJoinsARunInside) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.cluster.length = 1h;
    bench.start();
    EXPECT_EQ(bench.get(bench.scheduler->start_now()).error().code, Errc::refused);
    bench.run_until_clock(17h + 10min);
    auto const joined = bench.get(bench.scheduler->start_now());
    ASSERT_TRUE(joined);
    EXPECT_TRUE(joined->joined);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(Schedule, AManualBackupGoesFirstAndSharesTheSlots) {
    ScheduleBench bench;
    for (int i = 0; i < 6; ++i) bench.cluster.add_vm("VM" + std::to_string(i));
    bench.cluster.length = 10min;
    bench.start();
    bench.run_until_clock(17h + 1min);
    bench.backup("VM5", "by hand");
    bench.time.run_for(9min + 30s);
    ASSERT_GE(bench.cluster.runs.size(), 4u);
    EXPECT_EQ(bench.cluster.runs[3].folder, "by hand");
    EXPECT_LE(bench.cluster.running(), 3);
}

TEST(Schedule, ATagThatMatchesNothingIsToldAndReplicasAreLeftAlone) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.cluster.vms.front().replica = true;
    bench.cluster.add_vm("B");
    bench.settings.settings.tag = "BackMeUp";
    bench.start();
    bench.run_until_clock(18h);
    EXPECT_TRUE(bench.cluster.runs.empty());
    EXPECT_GE(bench.alerts.tag_alerts, 1);
    for (auto& vm : bench.cluster.vms) vm.tags = {"BackMeUp"};
    bench.time.run_for(30min);
    ASSERT_EQ(bench.cluster.runs.size(), 1u) << "tags are looked at afresh during the window";
    EXPECT_EQ(bench.cluster.runs.front().vm_name, "B");
}

TEST(Schedule, TheNightsWhenClocksChangeBringOneBackupLikeAnyOther) {
    for (auto start : {std::chrono::sys_days{std::chrono::year{2026} / 3 / 26}, std::chrono::sys_days{std::chrono::year{2026} / 10 / 22}}) {
        ScheduleBench bench;
        bench.zone = berlin();
        bench.time.jump_wall_clock(UtcTime{start} - bench.time.now());
        bench.cluster.add_vm("A");
        bench.start();
        for (int night = 1; night <= 6; ++night) {
            bench.run_until_clock(12h);
            EXPECT_EQ(bench.copies_of("A"), static_cast<std::size_t>(night)) << night;
        }
    }
}

TEST(Schedule, OneLongVmThatIsKnownToBeLongIsStartedFirst) {
    ScheduleBench bench;
    for (int i = 0; i < 9; ++i) bench.cluster.add_vm("VM" + std::to_string(i));
    bench.cluster.add_vm("ZZ-LONG");
    bench.cluster.length = 6s;
    bench.cluster.lengths["ZZ-LONG"] = 40s;
    bench.start();
    bench.run_until_clock(7h);
    auto const before = bench.cluster.runs.size();
    bench.run_until_clock(17h);
    auto const opened = bench.time.now();
    bench.time.run_for(5min);
    ASSERT_EQ(bench.cluster.runs.size(), before + 10);
    EXPECT_EQ(bench.cluster.runs[before].vm_name, "ZZ-LONG");
    UtcTime last{};
    for (auto const& [id, job] : bench.journal.jobs) last = std::max(last, *job.finished);
    EXPECT_LE(last - opened, 42s) << "1.05 x the 40 s of the longest";
}
