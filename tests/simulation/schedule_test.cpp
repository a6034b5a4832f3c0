#include "tests/simulation/schedule_fixture.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

TEST(Schedule, OpensItsWindowAutomaticallyAndBacksUpEveryVmOnceANight) {
    ScheduleFixture fixture;
    for (auto name : {"A", "B", "C", "D", "E"}) fixture.cluster.add_vm(name);
    fixture.cluster.length = 2h;  // five of two hours in thirteen: some end long after midnight
    fixture.start();
    fixture.run_until_clock(16h + 59min);
    EXPECT_TRUE(fixture.cluster.runs.empty());
    fixture.run_until_clock(17h + 1min);
    EXPECT_EQ(fixture.cluster.runs.size(), 3u);
    for (int night = 1; night <= 7; ++night) {
        fixture.run_until_clock(7h);
        for (auto name : {"A", "B", "C", "D", "E"})
            EXPECT_EQ(fixture.copies_of(name), static_cast<std::size_t>(night)) << name;
    }
}

TEST(Schedule, NothingStartsAfterTheWindowClosesAndRunningExportsFinish) {
    ScheduleFixture fixture;
    for (int i = 0; i < 12; ++i) fixture.cluster.add_vm("VM" + std::to_string(i));
    fixture.cluster.length = 5h;
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    fixture.run_until_clock(6h + 1min);
    auto const started = fixture.cluster.runs.size();
    EXPECT_EQ(started, 9u);
    fixture.run_until_clock(16h);
    EXPECT_EQ(fixture.cluster.runs.size(), started);
    EXPECT_EQ(fixture.catalog.manifests.size(), 9u);
    fixture.run_until_clock(17h + 1min);
    std::set<std::string> next;
    for (std::size_t i = 9; i < fixture.cluster.runs.size(); ++i) next.insert(fixture.cluster.runs[i].vm_name);
    EXPECT_EQ(next, (std::set<std::string>{"VM7", "VM8", "VM9"})) << "those without a backup come first";
}

TEST(Schedule, StartingInsideAnOpenWindowBeginsImmediately) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.run_until_clock(22h);
    fixture.start();
    fixture.time.run_for(1s);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(Schedule, AFailingVmGoesBehindTheOthersAndIsRetriedInTheSameWindow) {
    ScheduleFixture fixture;
    for (auto name : {"BAD", "X", "Y", "Z"}) fixture.cluster.add_vm(name);
    fixture.cluster.refuse_post["BAD"] = Error{Errc::rejected, "500: An internal error occurred"};
    fixture.start();
    fixture.run_until_clock(17h + 2min);
    EXPECT_EQ(fixture.catalog.manifests.size(), 3u);
    fixture.cluster.refuse_post.clear();
    fixture.run_until_clock(18h);
    EXPECT_EQ(fixture.catalog.manifests.size(), 4u);
    ASSERT_EQ(fixture.alerts.runs.size(), 1u);
    EXPECT_EQ(fixture.alerts.runs.front().succeeded, 4);
    EXPECT_EQ(fixture.alerts.runs.front().failed, 0) << "a VM that succeeds in the end counts as succeeded";
}

TEST(Schedule, AVmThatAlwaysFailsBlocksNoOtherAndIsReportedAtTheEnd) {
    ScheduleFixture fixture;
    for (auto name : {"BAD", "X", "Y", "Z"}) fixture.cluster.add_vm(name);
    fixture.cluster.task_error["BAD"] = "Disk read error";
    fixture.start();
    for (int night = 1; night <= 3; ++night) {
        fixture.run_until_clock(17h + 1min);
        fixture.run_until_clock(7h);
        EXPECT_EQ(fixture.copies_of("X"), static_cast<std::size_t>(night));
    }
    EXPECT_EQ(fixture.copies_of("BAD"), 0u);
    ASSERT_EQ(fixture.alerts.runs.size(), 3u) << "one run a night, however often it was tried";
    EXPECT_EQ(fixture.alerts.runs.front().failed, 1);
    ASSERT_EQ(fixture.alerts.failed.front().size(), 1u);
    EXPECT_NE(fixture.alerts.failed.front().front().error->context.find("Disk read error"), std::string::npos);
    EXPECT_LT(fixture.cluster.runs.size(), 80u) << "with back-off, not in a loop";
}

TEST(Schedule, ARunGoesThroughItsHooksInOrder) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.cluster.add_vm("B");
    fixture.hooks.set = {HookKind::pre_schedule, HookKind::post_backup, HookKind::post_schedule};
    fixture.hooks.delay = true;
    fixture.hooks.length = 1min;
    fixture.start();
    fixture.run_until_clock(18h);
    ASSERT_EQ(fixture.hooks.runs.size(), 4u);
    EXPECT_TRUE(fixture.hooks.runs[0].starts_with("pre_schedule"));
    EXPECT_TRUE(fixture.hooks.runs[1].starts_with("post_backup"));
    EXPECT_TRUE(fixture.hooks.runs[2].starts_with("post_backup"));
    EXPECT_TRUE(fixture.hooks.runs[3].starts_with("post_schedule"));
    EXPECT_EQ(fixture.catalog.manifests.size(), 2u);
}

TEST(Schedule, RetentionRunsAtTheEndAndNeverDeletesTheLastGoodCopy) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.settings.policy.max_backups = 3;
    fixture.settings.policy.max_age = config::CivilDuration{4, 0s};
    fixture.start();
    for (int night = 0; night < 10; ++night) fixture.run_until_clock(7h);
    EXPECT_EQ(fixture.copies_of("A"), 3u);
    fixture.cluster.task_error["A"] = "Disk read error";
    for (int night = 0; night < 30; ++night) fixture.run_until_clock(7h);
    EXPECT_EQ(fixture.copies_of("A"), 1u) << "thirty bad nights leave the newest good copy";
}

TEST(Schedule, PauseSurvivesARestartAndResumeStartsImmediately) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.start();
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(true)));
    fixture.stop();
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_TRUE(fixture.scheduler->paused());
    EXPECT_TRUE(fixture.cluster.runs.empty());
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(false)));
    fixture.time.run_for(1s);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(Schedule, ARestartInTheMiddleOfARunContinuesThatRun) {
    ScheduleFixture fixture;
    for (int i = 0; i < 6; ++i) fixture.cluster.add_vm("VM" + std::to_string(i));
    fixture.cluster.length = 1h;
    fixture.hooks.set = {HookKind::pre_schedule, HookKind::post_schedule};
    fixture.start();
    fixture.run_until_clock(17h + 30min);
    fixture.stop();
    fixture.time.run_for(20min);
    fixture.start();
    fixture.run_until_clock(23h);
    EXPECT_EQ(fixture.catalog.manifests.size(), 6u);
    EXPECT_EQ(fixture.cluster.runs.size(), 6u) << "no export was started twice";
    EXPECT_EQ(fixture.alerts.runs.size(), 1u);
    EXPECT_EQ(fixture.hooks.runs.size(), 2u) << "the hooks ran once each";
}

TEST(Schedule, TheCommandIsRefusedOutsideTheWindowAndJoinsARunInside) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.cluster.length = 1h;
    fixture.start();
    EXPECT_EQ(fixture.get(fixture.scheduler->start_now()).error().code, Errc::refused);
    fixture.run_until_clock(17h + 10min);
    auto const joined = fixture.get(fixture.scheduler->start_now());
    ASSERT_TRUE(joined);
    EXPECT_TRUE(joined->joined);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(Schedule, AManualBackupGoesFirstAndSharesTheSlots) {
    ScheduleFixture fixture;
    for (int i = 0; i < 6; ++i) fixture.cluster.add_vm("VM" + std::to_string(i));
    fixture.cluster.length = 10min;
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    fixture.backup("VM5", "by hand");
    fixture.time.run_for(9min + 30s);
    ASSERT_GE(fixture.cluster.runs.size(), 4u);
    EXPECT_TRUE(fixture.cluster.runs[3].folder.starts_with("by hand.exporting-")) << fixture.cluster.runs[3].folder;
    EXPECT_LE(fixture.cluster.running(), 3);
}

TEST(Schedule, ATagThatMatchesNothingIsReportedAndReplicasAreExcluded) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.cluster.vms.front().replica = true;
    fixture.cluster.add_vm("B");
    fixture.settings.settings.tag = "BackMeUp";
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_TRUE(fixture.cluster.runs.empty());
    EXPECT_GE(fixture.alerts.tag_alerts, 1);
    for (auto& vm : fixture.cluster.vms) vm.tags = {"BackMeUp"};
    fixture.time.run_for(30min);
    ASSERT_EQ(fixture.cluster.runs.size(), 1u) << "tags are read again during the window";
    EXPECT_EQ(fixture.cluster.runs.front().vm_name, "B");
}

TEST(Schedule, NightsWhenClocksChangeMakeOneBackupLikeAnyOther) {
    for (auto start : {std::chrono::sys_days{std::chrono::year{2026} / 3 / 26},
                       std::chrono::sys_days{std::chrono::year{2026} / 10 / 22}}) {
        ScheduleFixture fixture;
        fixture.zone = berlin();
        fixture.time.jump_wall_clock(UtcTime{start} - fixture.time.now());
        fixture.cluster.add_vm("A");
        fixture.start();
        for (int night = 1; night <= 6; ++night) {
            fixture.run_until_clock(12h);
            EXPECT_EQ(fixture.copies_of("A"), static_cast<std::size_t>(night)) << night;
        }
    }
}

TEST(Schedule, AVmWithALongExportStartsFirst) {
    ScheduleFixture fixture;
    for (int i = 0; i < 9; ++i) fixture.cluster.add_vm("VM" + std::to_string(i));
    fixture.cluster.add_vm("ZZ-LONG");
    fixture.cluster.length = 6s;
    fixture.cluster.lengths["ZZ-LONG"] = 40s;
    fixture.start();
    fixture.run_until_clock(7h);
    auto const before = fixture.cluster.runs.size();
    fixture.run_until_clock(17h);
    auto const opened = fixture.time.now();
    fixture.time.run_for(5min);
    ASSERT_EQ(fixture.cluster.runs.size(), before + 10);
    EXPECT_EQ(fixture.cluster.runs[before].vm_name, "ZZ-LONG");
    UtcTime last{};
    for (auto const& [id, job] : fixture.journal.jobs) last = std::max(last, *job.finished);
    EXPECT_LE(last - opened, 42s) << "1.05 x the 40 s of the longest";
}
