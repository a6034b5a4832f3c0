// What must not go wrong when things happen at the same time, at the wrong time, or not at all.
#include "tests/simulation/schedule_bench.hpp"

#include <stdexcept>

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

/// How often each VM was exported.
std::map<std::string, int> exports_of(ScheduleBench const& bench) {
    std::map<std::string, int> count;
    for (auto const& run : bench.cluster.runs) ++count[run.vm_name];
    return count;
}

template <class T>
void begin(ScheduleBench& bench, task<Result<T>> call, std::optional<Result<T>>& answer) {
    auto done = [&answer](std::exception_ptr failure, Result<T> value) {
        if (failure) std::rethrow_exception(failure);
        answer = std::move(value);
    };
    asio::co_spawn(bench.io, std::move(call), done);
}

}  // namespace

TEST(ScheduleFaults, ABackupThatEndsWhileTheFoldersAreReadIsNotMadeTwice) {
    ScheduleBench bench;
    for (auto name : {"A", "B", "C", "D", "E"}) bench.cluster.add_vm(name);
    bench.cluster.lengths = {{"A", 7s}, {"B", 8s}, {"C", 9s}};
    bench.catalog.be_slow(bench.time, 2s);
    bench.start();
    bench.run_until_clock(18h);
    for (auto const& [vm, times] : exports_of(bench)) EXPECT_EQ(times, 1) << vm;
    EXPECT_EQ(bench.catalog.manifests.size(), 5u);
}

TEST(ScheduleFaults, AQuestionAtTheMomentWhenABackupEndsDoesNotMakeItTwice) {
    ScheduleBench bench;
    for (auto name : {"A", "B"}) bench.cluster.add_vm(name);
    bench.cluster.lengths = {{"B", 1min}};
    bench.catalog.be_slow(bench.time, 2s);
    std::optional<Result<engine::Scheduler::Asked>> answer;
    bench.on_change = [&](Job const& job) {
        bench.scheduler->job_changed(job);
        if (job.phase == Phase::finished) begin(bench, bench.scheduler->ask(), answer);
    };
    bench.start();
    bench.run_until_clock(18h);
    EXPECT_TRUE(answer);
    for (auto const& [vm, times] : exports_of(bench)) EXPECT_EQ(times, 1) << vm;
}

TEST(ScheduleFaults, TheCommandHearsOfARunThatIsOverAtOnce) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.start();
    bench.run_until_clock(20h);
    ASSERT_EQ(bench.journal.runs.size(), 1u);
    std::optional<Result<engine::RunStarted>> answer;
    begin(bench, bench.scheduler->start_now(), answer);
    bench.time.run_for(10s);
    ASSERT_TRUE(answer);
    ASSERT_TRUE(*answer) << answer->error().context;
    EXPECT_FALSE((*answer)->joined);
    EXPECT_EQ((*answer)->run.id, 2u);
    bench.time.run_for(1h);
    EXPECT_EQ(bench.journal.runs.size(), 2u) << "one command, one run";
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(ScheduleFaults, AWindowThatNeverClosesHasItsCleanUpsThoughAVmAlwaysFails) {
    ScheduleBench bench;
    bench.settings.settings.rhythm.window = {17h, 17h};
    bench.settings.policy.max_backups = 2;
    for (auto name : {"BAD", "A"}) bench.cluster.add_vm(name);
    bench.cluster.task_error["BAD"] = "Disk read error";
    bench.start();
    bench.time.run_for(24h * 7);
    EXPECT_LE(bench.copies_of("A"), 3u);
    EXPECT_GE(bench.alerts.runs.size(), 7u);
    EXPECT_LE(bench.alerts.runs.size(), 16u) << "not a mail for every attempt";
}

TEST(ScheduleFaults, NothingStartsAfterTheScheduleWasTakenOutOfTheConfig) {
    ScheduleBench bench;
    for (int i = 0; i < 5; ++i) bench.cluster.add_vm("VM" + std::to_string(i));
    bench.cluster.length = 10min;
    bench.start();
    bench.run_until_clock(17h + 1min);
    ASSERT_EQ(bench.cluster.runs.size(), 3u);
    bench.settings = engine::ScheduleSettings();
    bench.scheduler->look_again();
    bench.run_until_clock(20h);
    EXPECT_EQ(bench.cluster.runs.size(), 3u);
    EXPECT_FALSE(bench.scheduler->current_run());
}

TEST(ScheduleFaults, AJournalThatIsFullForAWhileCostsOnlyThatWhile) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.start();
    bench.run_until_clock(16h);
    bench.journal.full = true;
    bench.run_until_clock(17h + 30min);
    EXPECT_TRUE(bench.cluster.runs.empty()) << "no export without a record";
    bench.journal.full = false;
    bench.time.run_for(5min);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
    bench.time.run_for(5min);
    ASSERT_EQ(bench.journal.runs.size(), 1u);
    EXPECT_EQ(bench.journal.runs.begin()->second.phase, RunPhase::finished);
    ASSERT_EQ(bench.alerts.runs.size(), 1u);
    ASSERT_EQ(bench.alerts.runs.front().problems.size(), 1u) << "said once, not once a minute";
    EXPECT_NE(bench.alerts.runs.front().problems.front().find("the disk is full"), std::string::npos);
}

TEST(ScheduleFaults, ACancelledBackupIsNotStartedAgainAtOnce) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.cluster.length = 10min;
    bench.start();
    bench.run_until_clock(17h + 1min);
    auto const jobs = bench.engine->unfinished_jobs();
    ASSERT_EQ(jobs.size(), 1u);
    ASSERT_TRUE(bench.get(bench.engine->cancel(jobs.front().id)));
    bench.time.run_for(10min);
    EXPECT_EQ(bench.catalog.discarded.size(), 1u);
    EXPECT_EQ(bench.cluster.runs.size(), 1u);
}

TEST(ScheduleFaults, TwoVmsOfOneLongNameStartInTheSameSecond) {
    ScheduleBench bench;
    bench.safe_name = [](std::string const& name) { return name.substr(0, 60); };
    std::string const name(80, 'x');
    bench.cluster.add_vm(name);
    bench.cluster.add_vm(name);
    bench.start();
    bench.run_until_clock(17h + 1min);
    EXPECT_EQ(bench.catalog.manifests.size(), 2u);
    ASSERT_EQ(bench.cluster.runs.size(), 2u);
    EXPECT_EQ(bench.cluster.runs[0].asked, bench.cluster.runs[1].asked);
}

TEST(ScheduleFaults, AnInternalErrorDoesNotEndTheScheduleForGood) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bool first = true;
    bench.safe_name = [&first](std::string const& name) {
        if (std::exchange(first, false)) throw std::runtime_error("a bug");
        return name;
    };
    bench.start();
    bench.run_until_clock(18h);
    EXPECT_EQ(bench.copies_of("A"), 1u);
    EXPECT_EQ(bench.alerts.blocked[ports::Blocked::internal].size(), 1u);
    ASSERT_EQ(bench.journal.runs.size(), 1u) << "the run is taken up again";
    EXPECT_EQ(bench.journal.runs.begin()->second.phase, RunPhase::finished);
}

TEST(ScheduleFaults, OneVmThatDoesNotFitDoesNotHideThatNothingIsBackedUpAtAll) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.catalog.room.free_bytes = 0;
    bench.start();
    bench.run_until_clock(18h);
    EXPECT_FALSE(bench.alerts.blocked[ports::Blocked::no_room].empty());
    EXPECT_TRUE(bench.alerts.blocked[ports::Blocked::cluster].empty());
    bench.cluster.unreachable = Error{Errc::unreachable, "no route"};
    bench.run_until_clock(19h);
    EXPECT_FALSE(bench.alerts.blocked[ports::Blocked::cluster].empty());
    EXPECT_EQ(bench.alerts.works, 0);
}

TEST(ScheduleFaults, AClockThatGoesBackTwiceHoldsTheScheduleUpForAnHourAndSaysSo) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.start();
    bench.time.jump_wall_clock(std::chrono::days{36});  // somebody's mistake
    bench.run_until_clock(20h);
    auto const copies = bench.copies_of("A");
    bench.time.jump_wall_clock(-std::chrono::days{12});
    bench.time.run_for(5min);
    bench.time.jump_wall_clock(-std::chrono::days{24});
    bench.time.run_for(30min);
    EXPECT_FALSE(bench.alerts.blocked[ports::Blocked::clock].empty());
    bench.time.run_for(2h);
    EXPECT_GT(bench.copies_of("A"), copies);
}

TEST(ScheduleFaults, AVmThatComesWhileALongExportRunsIsServedBesideIt) {
    ScheduleBench bench;
    bench.settings.settings.rhythm.window = {17h, 17h};
    bench.cluster.add_vm("LONG");
    bench.cluster.lengths["LONG"] = 10h;
    bench.start();
    bench.time.run_for(10min);
    ASSERT_EQ(bench.cluster.runs.size(), 1u);
    bench.cluster.add_vm("NEW");
    bench.time.run_for(30min);
    EXPECT_EQ(bench.copies_of("NEW"), 1u);
}

TEST(ScheduleFaults, WhatAFailedExportLeftIsRemovedADayLaterAndNothingElse) {
    ScheduleBench bench;
    bench.cluster.add_vm("A");
    bench.cluster.add_vm("B");
    bench.catalog.folders.insert("put there by hand");
    bench.cluster.task_error["A"] = "Disk read error";
    bench.start();
    bench.run_until_clock(17h + 2min);
    bench.cluster.task_error.clear();
    std::string left;
    for (auto const& folder : bench.catalog.folders)
        if (folder.ends_with(" A") && !bench.catalog.manifests.contains(folder)) left = folder;
    ASSERT_FALSE(left.empty());
    bench.run_until_clock(16h);
    EXPECT_TRUE(bench.catalog.folders.contains(left)) << "less than a day old";
    bench.run_until_clock(12h);
    bench.run_until_clock(12h);
    EXPECT_FALSE(bench.catalog.folders.contains(left));
    EXPECT_TRUE(bench.catalog.folders.contains("put there by hand"));
    EXPECT_EQ(bench.catalog.discarded, std::vector<std::string>{left});
    EXPECT_EQ(bench.catalog.manifests.size(), 6u);
}

TEST(EngineFaults, AJobThatEndsByABugGivesItsSlotBack) {
    EngineBench bench(1);
    bench.cluster.add_vm("A");
    bench.cluster.add_vm("B");
    bool first = true;
    bench.on_change = [&first](Job const& job) {
        if (job.phase == Phase::following && std::exchange(first, false)) throw std::runtime_error("a bug");
    };
    bench.backup("A", "one");
    auto const second = bench.backup("B", "two");
    bench.time.run_for(1min);
    EXPECT_TRUE(bench.engine->unfinished_jobs().empty());
    EXPECT_EQ(bench.job(second).outcome, Outcome::succeeded);
}

TEST(EngineFaults, AfterAReloadTheVmsAreThoseOfTheNewCluster) {
    EngineBench bench;
    bench.cluster.add_vm("OLD");
    ASSERT_TRUE(bench.get(bench.engine->list_vms(1min)));
    bench.cluster.vms.clear();
    bench.cluster.add_vm("NEW");
    bench.engine->forget_vms();
    auto const vms = bench.get(bench.engine->list_vms(1min));
    ASSERT_TRUE(vms);
    EXPECT_EQ(vms->front().name, "NEW");
}

TEST(Slots, AFreeSlotIsNotHeldBackByOneThatWasJustGranted) {
    asio::io_context io;
    engine::Slots slots(io.get_executor(), 2);
    slots.occupy();
    slots.occupy();
    int granted = 0;
    auto acquire = [](engine::Slots& s, JobId job, int& count) -> task<void> {
        bool const mine = co_await s.acquire(job);
        count += mine ? 1 : 0;
    };
    auto const ignore = [](std::exception_ptr) {};
    asio::co_spawn(io, acquire(slots, 1, granted), ignore);
    io.poll();
    asio::post(io, [&] {
        slots.release();  // granted to the first, who has not run yet
        slots.release();
        asio::co_spawn(io, acquire(slots, 2, granted), ignore);
    });
    io.restart();
    io.poll();
    EXPECT_EQ(granted, 2);
    EXPECT_EQ(slots.waiting(), 0u);
}
