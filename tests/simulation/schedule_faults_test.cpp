// The schedule when things happen at the same time, at the wrong time, or not at all.
#include "tests/simulation/schedule_fixture.hpp"

#include <stdexcept>

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

/// How often each VM was exported.
std::map<std::string, int> exports_of(ScheduleFixture const& fixture) {
    std::map<std::string, int> count;
    for (auto const& run : fixture.cluster.runs) ++count[run.vm_name];
    return count;
}

template <class T>
void begin(ScheduleFixture& fixture, task<Result<T>> call, std::optional<Result<T>>& answer) {
    auto done = [&answer](std::exception_ptr failure, Result<T> value) {
        if (failure) std::rethrow_exception(failure);
        answer = std::move(value);
    };
    asio::co_spawn(fixture.io, std::move(call), done);
}

}  // namespace

TEST(ScheduleFaults, ABackupThatEndsWhileTheFoldersAreReadIsNotMadeTwice) {
    ScheduleFixture fixture;
    for (auto name : {"A", "B", "C", "D", "E"}) fixture.cluster.add_vm(name);
    fixture.cluster.lengths = {{"A", 7s}, {"B", 8s}, {"C", 9s}};
    fixture.catalog.be_slow(fixture.time, 2s);
    fixture.start();
    fixture.run_until_clock(18h);
    for (auto const& [vm, times] : exports_of(fixture)) EXPECT_EQ(times, 1) << vm;
    EXPECT_EQ(fixture.catalog.manifests.size(), 5u);
}

TEST(ScheduleFaults, AQueryWhenABackupEndsDoesNotCauseASecondOne) {
    ScheduleFixture fixture;
    for (auto name : {"A", "B"}) fixture.cluster.add_vm(name);
    fixture.cluster.lengths = {{"B", 1min}};
    fixture.catalog.be_slow(fixture.time, 2s);
    std::optional<Result<engine::GatheredFacts>> answer;
    fixture.on_change = [&](Job const& job) {
        fixture.scheduler->job_changed(job);
        if (job.phase == Phase::finished) begin(fixture, fixture.scheduler->gather(), answer);
    };
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_TRUE(answer);
    for (auto const& [vm, times] : exports_of(fixture)) EXPECT_EQ(times, 1) << vm;
}

TEST(ScheduleFaults, TheCommandReportsARunThatFinishesImmediately) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.start();
    fixture.run_until_clock(20h);
    ASSERT_EQ(fixture.journal.runs.size(), 1u);
    std::optional<Result<engine::RunStarted>> answer;
    begin(fixture, fixture.scheduler->start_now(), answer);
    fixture.time.run_for(10s);
    ASSERT_TRUE(answer);
    ASSERT_TRUE(*answer) << answer->error().context;
    EXPECT_FALSE((*answer)->joined);
    EXPECT_EQ((*answer)->run.id, 2u);
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.journal.runs.size(), 2u) << "one command, one run";
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(ScheduleFaults, TheCommandFailsWhileTheClusterIsUnreachable) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.start();
    fixture.run_until_clock(20h);
    ASSERT_EQ(fixture.journal.runs.size(), 1u);
    fixture.time.run_for(1min);
    fixture.cluster.unreachable = Error{Errc::unreachable, "no route"};
    std::optional<Result<engine::RunStarted>> answer;
    begin(fixture, fixture.scheduler->start_now(), answer);
    fixture.time.run_for(10s);
    ASSERT_TRUE(answer);
    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().code, Errc::unreachable);
    EXPECT_NE(answer->error().context.find("no route"), std::string::npos) << answer->error().context;
    EXPECT_EQ(fixture.journal.runs.size(), 1u) << "no run that would look as if no VM were due";
    fixture.cluster.unreachable.reset();
    answer.reset();
    begin(fixture, fixture.scheduler->start_now(), answer);
    fixture.time.run_for(10s);
    ASSERT_TRUE(answer);
    ASSERT_TRUE(*answer) << answer->error().context;
    EXPECT_EQ(fixture.journal.runs.size(), 2u);
}

TEST(ScheduleFaults, AWindowThatNeverClosesIsCleanedUpAlthoughAVmAlwaysFails) {
    ScheduleFixture fixture;
    fixture.settings.settings.timing.window = {17h, 17h};
    fixture.settings.policy.max_backups = 2;
    for (auto name : {"BAD", "A"}) fixture.cluster.add_vm(name);
    fixture.cluster.task_error["BAD"] = "Disk read error";
    fixture.start();
    fixture.time.run_for(24h * 7);
    EXPECT_LE(fixture.copies_of("A"), 3u);
    EXPECT_GE(fixture.alerts.runs.size(), 6u) << "a run ends after a day";
    EXPECT_LE(fixture.alerts.runs.size(), 8u) << "not a mail for every attempt";
}

TEST(ScheduleFaults, NothingStartsAfterTheScheduleWasRemovedFromTheConfiguration) {
    ScheduleFixture fixture;
    for (int i = 0; i < 5; ++i) fixture.cluster.add_vm("VM" + std::to_string(i));
    fixture.cluster.length = 10min;
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    ASSERT_EQ(fixture.cluster.runs.size(), 3u);
    fixture.settings = engine::ScheduleSettings();
    fixture.scheduler->check_again();
    fixture.run_until_clock(20h);
    EXPECT_EQ(fixture.cluster.runs.size(), 3u);
    EXPECT_FALSE(fixture.scheduler->current_run());
}

TEST(ScheduleFaults, AFullJournalDelaysBackupsOnlyWhileItIsFull) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.start();
    fixture.run_until_clock(16h);
    fixture.journal.full = true;
    fixture.run_until_clock(17h + 30min);
    EXPECT_TRUE(fixture.cluster.runs.empty()) << "no export without a record";
    fixture.journal.full = false;
    fixture.time.run_for(5min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    fixture.time.run_for(5min);
    ASSERT_EQ(fixture.journal.runs.size(), 1u);
    EXPECT_EQ(fixture.journal.runs.begin()->second.phase, RunPhase::finished);
    ASSERT_EQ(fixture.alerts.runs.size(), 1u);
    EXPECT_TRUE(fixture.alerts.runs.front().problems.empty()) << "nothing was ordered, and a condition named it";
}

TEST(ScheduleFaults, ACancelledBackupDoesNotStartAgainImmediately) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.cluster.length = 10min;
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    auto const jobs = fixture.engine->unfinished_jobs();
    ASSERT_EQ(jobs.size(), 1u);
    ASSERT_TRUE(fixture.get(fixture.engine->cancel(jobs.front().id)));
    fixture.time.run_for(10min);
    EXPECT_EQ(fixture.catalog.discarded.size(), 1u);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(ScheduleFaults, TwoVmsOfOneLongNameStartInTheSameSecond) {
    ScheduleFixture fixture;
    fixture.safe_name = [](std::string const& name) { return name.substr(0, 60); };
    std::string const name(80, 'x');
    fixture.cluster.add_vm(name);
    fixture.cluster.add_vm(name);
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    EXPECT_EQ(fixture.catalog.manifests.size(), 2u);
    ASSERT_EQ(fixture.cluster.runs.size(), 2u);
    EXPECT_EQ(fixture.cluster.runs[0].asked, fixture.cluster.runs[1].asked);
}

TEST(ScheduleFaults, AnInternalErrorDoesNotEndTheScheduleForGood) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    bool first = true;
    fixture.safe_name = [&first](std::string const& name) {
        if (std::exchange(first, false)) throw std::runtime_error("a bug");
        return name;
    };
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_EQ(fixture.copies_of("A"), 1u);
    EXPECT_EQ(fixture.alerts.blocked[ports::Blocked::internal].size(), 1u);
    ASSERT_EQ(fixture.journal.runs.size(), 1u) << "the run is taken up again";
    EXPECT_EQ(fixture.journal.runs.begin()->second.phase, RunPhase::finished);
}

TEST(ScheduleFaults, AVmThatDoesNotFitDoesNotHideThatNothingIsBackedUp) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.catalog.room.free_bytes = 0;
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_FALSE(fixture.alerts.blocked[ports::Blocked::no_space].empty());
    EXPECT_TRUE(fixture.alerts.blocked[ports::Blocked::cluster].empty());
    fixture.cluster.unreachable = Error{Errc::unreachable, "no route"};
    fixture.run_until_clock(19h);
    EXPECT_FALSE(fixture.alerts.blocked[ports::Blocked::cluster].empty());
    EXPECT_EQ(fixture.alerts.works, 0);
}

TEST(ScheduleFaults, ANewVmIsBackedUpWhileALongExportRuns) {
    ScheduleFixture fixture;
    fixture.settings.settings.timing.window = {17h, 17h};
    fixture.cluster.add_vm("LONG");
    fixture.cluster.lengths["LONG"] = 10h;
    fixture.start();
    fixture.time.run_for(10min);
    ASSERT_EQ(fixture.cluster.runs.size(), 1u);
    fixture.cluster.add_vm("NEW");
    fixture.time.run_for(30min);
    EXPECT_EQ(fixture.copies_of("NEW"), 1u);
}

TEST(ScheduleFaults, OnlyLeftoversOfFailedExportsAreDeletedADayLater) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.cluster.add_vm("B");
    fixture.catalog.folders.insert("put there by hand");
    fixture.cluster.task_error["A"] = "Disk read error";
    fixture.start();
    fixture.run_until_clock(17h + 2min);
    fixture.cluster.task_error.clear();
    std::string left;
    for (auto const& folder : fixture.catalog.folders)
        if (is_landing_folder(folder)) left = folder;
    ASSERT_FALSE(left.empty());
    fixture.run_until_clock(16h);
    EXPECT_TRUE(fixture.catalog.folders.contains(left)) << "less than a day old";
    fixture.run_until_clock(12h);
    fixture.run_until_clock(12h);
    EXPECT_FALSE(fixture.catalog.folders.contains(left));
    EXPECT_TRUE(fixture.catalog.folders.contains("put there by hand"));
    EXPECT_EQ(fixture.catalog.discarded, std::vector<std::string>{left});
    EXPECT_EQ(fixture.catalog.manifests.size(), 6u);
}

TEST(EngineFaults, AJobThatEndsByAnInternalErrorReleasesItsSlot) {
    EngineFixture fixture(1);
    fixture.cluster.add_vm("A");
    fixture.cluster.add_vm("B");
    bool first = true;
    fixture.on_change = [&first](Job const& job) {
        if (job.phase == Phase::following && std::exchange(first, false)) throw std::runtime_error("a bug");
    };
    fixture.backup("A", "one");
    auto const second = fixture.backup("B", "two");
    fixture.time.run_for(1min);
    EXPECT_TRUE(fixture.engine->unfinished_jobs().empty());
    EXPECT_EQ(fixture.job(second).outcome, Outcome::succeeded);
}

TEST(EngineFaults, AfterAReloadTheVmsAreThoseOfTheNewCluster) {
    EngineFixture fixture;
    fixture.cluster.add_vm("OLD");
    ASSERT_TRUE(fixture.get(fixture.engine->list_vms(1min)));
    fixture.cluster.vms.clear();
    fixture.cluster.add_vm("NEW");
    fixture.engine->forget_vms();
    auto const vms = fixture.get(fixture.engine->list_vms(1min));
    ASSERT_TRUE(vms);
    EXPECT_EQ(vms->front().name, "NEW");
}

TEST(Slots, AFreeSlotIsNotBlockedByOneThatWasJustGranted) {
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
