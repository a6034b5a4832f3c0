// A scheduled job that waits in the daemon is ordered only if it is still wanted then: the window is open, the schedule
// is not paused, and the VM still has the tag.
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
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

namespace {

struct WithdrawnJobs : ::testing::Test {
    ScheduleFixture fixture;

    void add_vms(std::initializer_list<char const*> names) {
        for (auto const* name : names) {
            fixture.cluster.add_vm(name);
            fixture.cluster.vms.back().tags = {"nightly"};
        }
    }
    /// The cluster does not start the export of A, so those of D and E are not ordered.
    void run_until_two_wait() {
        add_vms({"A", "B", "C", "D", "E"});
        fixture.cluster.stays_queued.insert("A");
        fixture.start();
        fixture.run_until_clock(17h + 1min);
        ASSERT_THAT(fixture.cluster.runs, SizeIs(3));
        ASSERT_EQ(last_job_of("D").phase, Phase::queued);
        ASSERT_EQ(last_job_of("E").phase, Phase::queued);
    }
    Job last_job_of(std::string const& vm) const {
        Job last;
        for (auto const& [id, job] : fixture.journal.jobs)
            if (job.vm_name == vm) last = job;
        return last;
    }
    void start_the_queued_one() {
        fixture.cluster.stays_queued.clear();
        fixture.time.run_for(2min);
    }
};

}  // namespace

TEST_F(WithdrawnJobs, APauseWithdrawsThemAndIsNoProblemOfTheRun) {
    run_until_two_wait();
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(true)));
    fixture.time.run_for(1s);
    for (auto const* vm : {"D", "E"}) {
        auto const job = last_job_of(vm);
        EXPECT_TRUE(is_withdrawn(job)) << "immediately, not when it gets a slot";
        ASSERT_TRUE(job.error);
        EXPECT_THAT(job.error->context, HasSubstr("paused"));
    }
    start_the_queued_one();
    EXPECT_THAT(fixture.cluster.runs, SizeIs(3));
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.last_run().problems, IsEmpty()) << "a person asked for it";
    EXPECT_THAT(fixture.alerts.last_run().not_reached, IsEmpty());
    EXPECT_EQ(fixture.alerts.last_run().failed, 0);
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(false)));
    fixture.time.run_for(1min);
    for (auto const* vm : {"D", "E"}) EXPECT_EQ(fixture.copies_of(vm), 1u) << vm;
}

TEST_F(WithdrawnJobs, TheWindowsEndMakesThemNotReached) {
    fixture.settings.settings.timing.window = {17h, 17h + 5min};
    run_until_two_wait();
    fixture.run_until_clock(17h + 5min + 1s);
    for (auto const* vm : {"D", "E"}) EXPECT_TRUE(was_not_reached(last_job_of(vm))) << vm;
    start_the_queued_one();
    EXPECT_THAT(fixture.cluster.runs, SizeIs(3));
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.last_run().not_reached, UnorderedElementsAre("D", "E"));
    EXPECT_THAT(fixture.alerts.last_run().problems, IsEmpty());
    EXPECT_EQ(fixture.alerts.last_run().succeeded, 3);
    EXPECT_EQ(fixture.alerts.last_run().failed, 0);
    fixture.run_until_clock(17h + 2min);
    for (auto const* vm : {"D", "E"}) EXPECT_EQ(fixture.copies_of(vm), 1u) << "in the next window";
}

TEST_F(WithdrawnJobs, AJobWhoseHookOutlastsTheWindowIsNotReached) {
    fixture.settings.settings.timing.window = {17h, 17h + 5min};
    add_vms({"A"});
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 10min;
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_THAT(fixture.alerts.last_run().not_reached, ElementsAre("A"));
    EXPECT_EQ(fixture.alerts.last_run().failed, 0);
    EXPECT_FALSE(last_job_of("A").posted) << "nothing is searched for after a restart";
}

TEST_F(WithdrawnJobs, APauseStopsTheHookAndFreesTheSlotForAManualBackup) {
    add_vms({"A", "B"});
    fixture.settings.settings.slots = 1;
    fixture.engine->set_concurrency(1);
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 4h;
    fixture.start();
    fixture.run_until_clock(17h + 5min);
    auto const job = last_job_of("A").phase == Phase::pre_hook ? last_job_of("A") : last_job_of("B");
    ASSERT_EQ(job.phase, Phase::pre_hook);
    ASSERT_THAT(fixture.engine->running_hooks(), SizeIs(1));
    EXPECT_EQ(fixture.engine->running_hooks().front().job, job.id);
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(true)));
    fixture.time.run_for(2s);
    EXPECT_TRUE(is_withdrawn(fixture.job(job.id)));
    EXPECT_THAT(fixture.job(job.id).error->context, HasSubstr("paused"));
    EXPECT_THAT(fixture.hooks.runs, IsEmpty()) << "it was stopped";
    EXPECT_THAT(fixture.engine->running_hooks(), IsEmpty());
    fixture.hooks.set.clear();
    auto const manual = fixture.backup("B", "manual");
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.job(manual).outcome, Outcome::succeeded);
}

TEST_F(WithdrawnJobs, TheWindowsEndAndALostTagStopTheHookToo) {
    for (bool const is_by_tag : {false, true}) {
        ScheduleFixture night;
        night.settings.settings.timing.window = {17h, 18h};
        night.settings.settings.tag = "nightly";
        night.cluster.add_vm("A");
        night.cluster.vms.back().tags = {"nightly"};
        night.hooks.set = {HookKind::pre_backup};
        night.hooks.length = 4h;
        night.start();
        night.run_until_clock(17h + 5min);
        ASSERT_EQ(night.journal.jobs.size(), 1u);
        if (is_by_tag) night.cluster.vms.back().tags.clear();
        night.run_until_clock(is_by_tag ? 17h + 20min : 18h + 2s);
        auto const job = night.job(1);
        EXPECT_TRUE(is_withdrawn(job)) << is_by_tag;
        EXPECT_EQ(was_not_reached(job), !is_by_tag);
        EXPECT_THAT(night.cluster.runs, IsEmpty());
    }
}

TEST_F(WithdrawnJobs, AFailureBeforeTheWindowsEndStaysAFailure) {
    fixture.settings.settings.timing.window = {17h, 17h + 10min};
    add_vms({"A"});
    fixture.cluster.task_error["A"] = "Disk read error";
    fixture.start();
    fixture.run_until_clock(17h + 1min);
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 10min;
    fixture.run_until_clock(18h);
    ASSERT_TRUE(was_not_reached(last_job_of("A"))) << "its second attempt";
    ASSERT_THAT(fixture.alerts.runs, SizeIs(1));
    EXPECT_EQ(fixture.alerts.last_run().failed, 1);
    EXPECT_THAT(fixture.alerts.last_run().not_reached, IsEmpty());
}

TEST_F(WithdrawnJobs, OneWhoseVmHasLostTheTagIsNotOrdered) {
    fixture.settings.settings.tag = "nightly";
    run_until_two_wait();
    fixture.cluster.vms[3].tags.clear();
    fixture.scheduler->configured();
    fixture.time.run_for(1s);
    EXPECT_TRUE(is_withdrawn(last_job_of("D")));
    EXPECT_EQ(last_job_of("E").phase, Phase::queued);
    start_the_queued_one();
    EXPECT_EQ(fixture.copies_of("D"), 0u);
    EXPECT_EQ(fixture.copies_of("E"), 1u);
    EXPECT_THAT(fixture.alerts.last_run().problems, IsEmpty());
    EXPECT_THAT(fixture.alerts.last_run().not_reached, IsEmpty());
}

TEST_F(WithdrawnJobs, OneWhoseVmIsExcludedWhenItGetsItsSlotIsNotOrdered) {
    run_until_two_wait();
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.cluster.vms[3].replica = true;
    start_the_queued_one();
    EXPECT_EQ(fixture.copies_of("D"), 0u);
    EXPECT_EQ(fixture.copies_of("E"), 1u);
    EXPECT_THAT(fixture.hooks.runs, ElementsAre(StartsWith("pre_backup E"))) << "not even its hook runs";
}

TEST_F(WithdrawnJobs, ATagThatIsRemovedDuringTheHookPreventsTheOrder) {
    fixture.settings.settings.tag = "nightly";
    add_vms({"A"});
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 10min;
    fixture.start();
    fixture.run_until_clock(17h + 5min);
    ASSERT_EQ(last_job_of("A").phase, Phase::pre_hook);
    fixture.cluster.vms[0].tags = {"other"};
    fixture.run_until_clock(17h + 20min);
    EXPECT_THAT(fixture.cluster.runs, IsEmpty());
    EXPECT_TRUE(is_withdrawn(last_job_of("A")));
    EXPECT_THAT(last_job_of("A").error->context, HasSubstr("no longer has the tag 'nightly'"));
}

TEST_F(WithdrawnJobs, AManualBackupIsOrderedWhateverTheScheduleSays) {
    run_until_two_wait();
    auto const manual = fixture.backup("B", "manual");
    ASSERT_TRUE(fixture.get(fixture.scheduler->set_paused(true)));
    start_the_queued_one();
    EXPECT_EQ(fixture.job(manual).outcome, Outcome::succeeded);
}
