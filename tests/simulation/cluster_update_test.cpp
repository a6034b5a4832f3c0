// While the cluster is being updated, nothing is ordered, also if that begins late or its status cannot be read.
#include "tests/simulation/identity_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;

namespace {

using ClusterUpdate = Identity;

}  // namespace

TEST_F(ClusterUpdate, NothingStartsWhileTheClusterIsUpdated) {
    add_vm("A");
    fixture.cluster.updating = true;
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
    EXPECT_TRUE(stands(ConditionKind::cluster_updating));
    auto const refused = fixture.get(fixture.engine->submit_backup("A", "manual"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_THAT(refused.error().context, HasSubstr("updated"));
    EXPECT_THAT(refused.error().context, HasSubstr("wait until the update has ended"));
    add_copy("copy", fixture.cluster.vms.front().uuid, 1);
    EXPECT_FALSE(fixture.get(fixture.engine->submit_restore("copy", "new")));
    fixture.cluster.updating = false;
    fixture.time.run_for(5min);
    EXPECT_EQ(fixture.cluster.exports_started, 1u);
    EXPECT_FALSE(stands(ConditionKind::cluster_updating));
}

TEST_F(ClusterUpdate, AnUpdateThatInterruptsItsOwnStatusStillCountsForAnHour) {
    add_vm("A");
    fixture.cluster.updating = true;
    fixture.start();
    fixture.run_until_clock(17h + 5min);
    fixture.cluster.refuse_update_status = Error{Errc::timed_out, "no answer"};
    fixture.time.run_for(55min);
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
    EXPECT_TRUE(stands(ConditionKind::cluster_updating));
    fixture.time.run_for(15min);
    EXPECT_EQ(fixture.cluster.exports_started, 1u) << "an answer that never comes must not stop backups";
    EXPECT_FALSE(stands(ConditionKind::cluster_updating));
}

TEST_F(ClusterUpdate, AnUpdateThatBeginsWhilePreBackupRunsHoldsTheOrder) {
    add_vm("A");
    fixture.hooks.set = {HookKind::pre_backup, HookKind::pre_restore};
    fixture.hooks.length = 30min;
    fixture.start();
    auto const id = fixture.backup("A", "manual");
    fixture.time.run_for(10min);
    ASSERT_EQ(fixture.job(id).phase, Phase::pre_hook);
    fixture.cluster.updating = true;
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
    ASSERT_TRUE(fixture.job(id).error);
    EXPECT_THAT(fixture.job(id).error->context, HasSubstr("being updated"));

    fixture.cluster.updating = false;
    fixture.time.run_for(1min);
    add_copy("copy", fixture.cluster.vms.front().uuid, 1);
    auto const restore = fixture.get(fixture.engine->submit_restore("copy", "new")).value().id;
    fixture.time.run_for(10min);
    fixture.cluster.updating = true;
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.job(restore).outcome, Outcome::failed);
    EXPECT_EQ(fixture.cluster.exports_started, 0u) << "no import either";
}

TEST_F(ClusterUpdate, AScheduledBackupThatAnUpdateOvertakesIsNoFailureAndStartsSoonAfterIt) {
    add_vm("A");
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 10min;
    fixture.start();
    fixture.run_until_clock(17h + 5min);
    fixture.cluster.updating = true;
    fixture.run_until_clock(17h + 20min);
    ASSERT_EQ(fixture.journal.jobs.size(), 1u);
    auto const& job = fixture.journal.jobs.begin()->second;
    EXPECT_TRUE(is_withdrawn(job));
    EXPECT_FALSE(job.posted);
    EXPECT_THAT(job.error->context, HasSubstr("being updated"));
    fixture.hooks.set.clear();
    fixture.cluster.updating = false;
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.cluster.exports_started, 1u) << "no pause after a failure";
    fixture.time.run_for(1h);
    for (auto const& run : fixture.alerts.runs) EXPECT_EQ(run.failed, 0);
}

TEST_F(ClusterUpdate, AnUnmountedLocalPathIsNoticedAfterPreBackup) {
    add_vm("A");
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 30min;
    fixture.start();
    auto const id = fixture.backup("A", "manual");
    fixture.time.run_for(10min);
    fixture.catalog.mark.clear();
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.cluster.exports_started, 0u);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::failed);
}

TEST_F(ClusterUpdate, AClusterThatCannotSayWhetherItIsUpdatedIsBackedUp) {
    add_vm("A");
    fixture.cluster.refuse_update_status = Error{Errc::timed_out, "no answer"};
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_EQ(fixture.cluster.exports_started, 1u);
}
