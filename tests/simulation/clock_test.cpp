// Clocks that jump, over days: nothing is deleted, and backups continue without being repeated.
#include "daemon/core/verification.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr Milliseconds one_day = 24h;
constexpr Milliseconds five_years = 5 * 365 * one_day;

struct Clock : ::testing::Test {
    ScheduleFixture fixture;
    VmUuid vm;

    Clock() {
        fixture.settings.policy.max_age = config::CivilDuration{30, 0s};
        fixture.cluster.add_vm("A");
        vm = fixture.cluster.vms.front().uuid;
    }
    void add_copy(std::string const& name, VmUuid const& of, int days_old) {
        Manifest manifest;
        manifest.backup = name;
        manifest.vm_uuid = of;
        manifest.vm_name = "VM of " + name;
        manifest.scheduled = true;
        manifest.end = ExportEnd::seen;
        manifest.started = manifest.completed = fixture.time.now() - one_day * days_old;
        manifest.verified = with_verification({}, Level::structure, manifest.completed);
        fixture.catalog.folders.insert(name);
        fixture.catalog.manifests[name] = manifest;
    }
    /// Four new ones, and two that retention deletes.
    void add_copies() {
        for (int i = 0; i < 4; ++i) add_copy("new " + std::to_string(i), vm, i + 1);
        add_copy("old", vm, 60);
        add_copy("older", vm, 61);
    }
    std::string condition() const {
        auto const all = fixture.conditions->all();
        auto const found = std::ranges::find(all, ConditionKind::clock_in_doubt, &Condition::kind);
        return found == all.end() ? "" : found->reason;
    }
    Result<engine::Pruned> prune() { return fixture.get(fixture.scheduler->clean_up().prune(true)); }
    std::string const& recorded() { return fixture.journal.facts["last_time"]; }
    void boot() {
        fixture.stop();
        fixture.boot_id += "x";
    }
};

}  // namespace

TEST_F(Clock, AfterAJumpNothingIsDeletedUntilTheClustersClockAgrees) {
    add_copies();
    fixture.start();
    fixture.time.jump_wall_clock(five_years);
    auto const refused = prune();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_THAT(refused.error().context, HasSubstr("scale-backupctl clock accept"));
    EXPECT_THAT(condition(), HasSubstr("the clock jumped ahead by"));
    auto const retention = fixture.get(fixture.scheduler->clean_up().evaluate());
    ASSERT_TRUE(retention);
    for (auto const& verdict : retention->verdicts) EXPECT_TRUE(verdict.keep) << "a dry run says what prune does";

    fixture.time.run_for(10 * one_day);
    EXPECT_THAT(condition(), HasSubstr("the cluster's clock")) << "it disagrees, so time does not end the doubt";
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    ASSERT_FALSE(fixture.alerts.runs.empty());
    EXPECT_THAT(fixture.alerts.runs.back().problems, testing::Contains(HasSubstr("clean-up: nothing was deleted")));

    fixture.time.jump_wall_clock(-five_years);
    EXPECT_TRUE(prune());
    EXPECT_EQ(condition(), "");
}

TEST_F(Clock, AJumpDuringACleanUpStopsIt) {
    add_copies();
    fixture.start();
    fixture.catalog.on_remove = [&](std::string const&) { fixture.time.jump_wall_clock(five_years); };
    auto const pruned = prune();
    ASSERT_TRUE(pruned);
    EXPECT_EQ(pruned->deleted.size(), 1u);
    EXPECT_TRUE(pruned->stopped);
    EXPECT_THAT(pruned->problems.back(), HasSubstr("the clock may be wrong"));
}

TEST_F(Clock, LeftoversAreKeptWhileTheClockIsInDoubt) {
    fixture.cluster.task_error["A"] = "Disk read error";
    fixture.start();
    fixture.run_until_clock(7h);
    fixture.cluster.task_error.clear();
    fixture.time.jump_wall_clock(2 * one_day);
    fixture.run_until_clock(7h);
    EXPECT_THAT(fixture.catalog.discarded, IsEmpty());
    fixture.time.jump_wall_clock(-2 * one_day);
    for (int night = 0; night < 3; ++night) fixture.run_until_clock(7h);
    EXPECT_FALSE(fixture.catalog.discarded.empty());
}

TEST_F(Clock, AJumpCostsAtMostOneSurplusBackup) {
    for (auto const step :
         {-400 * one_day, -30 * one_day, Milliseconds{-2h}, Milliseconds{2h}, 30 * one_day, five_years}) {
        ScheduleFixture machine;
        machine.cluster_shows_clock = false;
        machine.cluster.add_vm("A");
        machine.cluster.add_vm("B");
        machine.start();
        machine.run_until_clock(20h);
        machine.time.jump_wall_clock(step);
        machine.time.run_for(5 * one_day);
        auto count = [&](std::string const& name) {
            return std::ranges::count(machine.cluster.runs, name, &FakeCluster::Run::vm_name);
        };
        for (auto const* name : {"A", "B"}) {
            EXPECT_GE(count(name), 6) << step.count() << ": backups continue";
            EXPECT_LE(count(name), 7) << step.count();
        }
        auto const before = count("A");
        machine.time.jump_wall_clock(-step);
        machine.time.run_for(5 * one_day);
        EXPECT_GE(count("A"), before + 4) << step.count();
        EXPECT_LE(count("A"), before + 6) << step.count();
    }
}

TEST_F(Clock, AFailingVmIsNotRetriedWithoutPausesAfterTheClockWasSetBack) {
    fixture.cluster.task_error["A"] = "Disk read error";
    fixture.start();
    fixture.run_until_clock(20h);
    fixture.time.jump_wall_clock(-30 * one_day);
    auto const before = fixture.cluster.runs.size();
    fixture.time.run_for(4h);
    fixture.stop();
    fixture.start();
    fixture.time.run_for(4h);
    EXPECT_LE(fixture.cluster.runs.size(), before + 12);
    EXPECT_GE(fixture.cluster.runs.size(), before + 4);
}

TEST_F(Clock, AMachineThatBootsYearsAheadDeletesNothingForTwoDaysOfRunning) {
    fixture.cluster_shows_clock = false;
    add_copies();
    fixture.start();
    boot();
    fixture.time.jump_wall_clock(five_years);
    fixture.start();
    EXPECT_FALSE(prune());
    EXPECT_THAT(condition(), HasSubstr("after the machine was restarted"));
    for (int i = 0; i < 4; ++i) {
        fixture.time.run_for(11h);
        fixture.stop();
        fixture.start();
        EXPECT_FALSE(prune()) << "restarts neither end the doubt nor start it again";
    }
    EXPECT_THAT(fixture.alerts.accepted_doubts, IsEmpty());
    fixture.time.run_for(6h);
    EXPECT_EQ(condition(), "");
    EXPECT_THAT(fixture.alerts.accepted_doubts, ElementsAre(HasSubstr("after the machine was restarted")));
}

TEST_F(Clock, AMachineThatWasOffForWeeksIsBelievedAsSoonAsTheClusterAnswers) {
    add_copies();
    fixture.start();
    boot();
    fixture.time.run_for(20 * one_day);
    fixture.start();
    EXPECT_EQ(condition(), "") << "the cluster is asked before the first reading";
    EXPECT_TRUE(prune());
}

TEST_F(Clock, ALostJournalDoesNotMakeAWrongClockBelieved) {
    fixture.cluster_shows_clock = false;
    add_copies();
    fixture.time.jump_wall_clock(five_years);
    fixture.start();
    EXPECT_FALSE(prune()) << "the manifests show that time";
    EXPECT_THAT(condition(), HasSubstr("ahead of the last recorded time"));
}

TEST_F(Clock, TheAdministratorEndsADoubtAndThatIsRecordedFirst) {
    add_copies();
    fixture.start();
    fixture.time.jump_wall_clock(3h);
    fixture.time.run_for(1min);
    ASSERT_NE(condition(), "");
    EXPECT_THAT(recorded(), HasSubstr("doubt stepped"));
    fixture.journal.full = true;
    EXPECT_FALSE(fixture.get(fixture.clock->accept()));
    EXPECT_FALSE(prune());
    fixture.journal.full = false;
    auto const accepted = fixture.get(fixture.clock->accept());
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->time, fixture.time.now());
    EXPECT_THAT(accepted->remark, HasSubstr("the cluster's clock is constantly 3 hours behind"));
    EXPECT_THAT(recorded(), testing::Not(HasSubstr("doubt")));
    EXPECT_EQ(condition(), "");
    EXPECT_TRUE(prune());
}

TEST_F(Clock, NoVmCountsAsDeletedAfterAJump) {
    fixture.cluster.add_vm("GONE");
    add_copy("of GONE", fixture.cluster.vms.back().uuid, 90);
    fixture.cluster.vms.pop_back();
    for (int i = 0; i < 4; ++i) add_copy("new " + std::to_string(i), vm, i + 1);
    fixture.start();
    for (int night = 0; night < 3; ++night) fixture.run_until_clock(7h);
    fixture.time.jump_wall_clock(20 * one_day);
    for (int night = 0; night < 10; ++night) fixture.run_until_clock(7h);
    EXPECT_THAT(fixture.catalog.removed, IsEmpty());
    ASSERT_TRUE(fixture.get(fixture.clock->accept()));
    for (int night = 0; night < 2; ++night) fixture.run_until_clock(7h);
    EXPECT_THAT(fixture.catalog.removed, testing::Not(testing::Contains("of GONE"))) << "too few lists that count";
}

TEST_F(Clock, TheTimeIsRecordedEachHourAlsoWithoutASchedule) {
    fixture.settings.configured = false;
    fixture.start();
    fixture.time.run_for(3 * one_day);
    auto const record = ClockWitness::from_text(recorded()).record();
    ASSERT_TRUE(record);
    EXPECT_GE(*record, fixture.time.now() - 1h - 2min);
    EXPECT_EQ(condition(), "");
}
