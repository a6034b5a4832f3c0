// clone-disk with a misbehaving cluster: it never hangs, never continues after a failure, and reports what is left.

#include "tests/simulation/operation_fixture.hpp"

namespace sb::test {
namespace {

using engine::OperationState;
using testing::HasSubstr;

/// As the daemon's adapters after a reload to another cluster, which nothing may ask.
class ReloadedCluster final : public ports::Cluster {
public:
    explicit ReloadedCluster(ports::Cluster& first) : first_(std::shared_ptr<void>(), &first) {}

    std::shared_ptr<ports::Cluster> present() override { return first_; }
    task<Result<ports::Vms>> list_vms() override { co_return asked; }
    task<Result<core::Vm>> get_vm(VmUuid) override { co_return asked; }
    task<Result<ports::OrderAccepted>> start_export(ports::ExportOrder) override { co_return asked; }
    task<Result<ports::OrderAccepted>> start_import(ports::ImportOrder) override { co_return asked; }
    task<Result<core::TaskReport>> get_task(TaskTag) override { co_return asked; }
    task<Result<std::vector<core::TaskReport>>> list_tasks() override { co_return asked; }
    std::string host() const override { return "second"; }

private:
    std::shared_ptr<ports::Cluster> first_;
    Error const asked{Errc::internal, "the second cluster was asked"};
};

class ReloadedDisks final : public ports::Disks {
public:
    explicit ReloadedDisks(ports::Disks& first) : first_(std::shared_ptr<void>(), &first) {}

    std::shared_ptr<ports::Disks> present() override { return first_; }
    task<Result<ports::Creation>> take_snapshot(ports::SnapshotOrder) override { co_return asked; }
    task<Result<ports::Snapshot>> get_snapshot(std::string) override { co_return asked; }
    task<Result<ports::Creation>> clone_disk(ports::DiskCloneOrder) override { co_return asked; }
    task<Result<std::vector<ports::Medium>>> list_media() override { co_return asked; }
    task<Result<ports::Creation>> upload_disk_image(std::string, std::shared_ptr<ByteSource>) override {
        co_return asked;
    }

private:
    std::shared_ptr<ports::Disks> first_;
    Error const asked{Errc::internal, "the second cluster was asked"};
};

class CloneDisk : public testing::Test, public OperationFixture {
protected:
    engine::Operation clone() { return clone(ports); }
    engine::Operation clone(engine::DiskPorts const& at) {
        auto const plan = core::plan_disk_clone(cluster.vms, DiskUuid{"disk-FILE01"}, cluster.vms[1]);
        engine::OperationOptions terms;
        terms.kind = engine::clone_disk_kind;
        auto const work = [at, plan = plan.value()](std::shared_ptr<engine::Operation> operation) {
            return engine::clone_disk(at, plan, engine::CloneLimits(), std::move(operation));
        };
        return end_of(operations.start(terms, work));
    }
};

TEST_F(CloneDisk, TakesASnapshotThatExpiresAndClonesFromIt) {
    auto const now = std::chrono::floor<std::chrono::seconds>(time.now().time_since_epoch()).count();
    auto const operation = clone();
    EXPECT_EQ(operation.state, OperationState::succeeded) << operation.error->context;
    EXPECT_EQ(operation.created, "new-disk");
    ASSERT_EQ(disks.snapshots.size(), 1u);
    EXPECT_EQ(disks.snapshots[0].vm, cluster.vms[0].uuid);
    EXPECT_EQ(disks.snapshots[0].retain_until, now + 60);
    ASSERT_EQ(disks.clones.size(), 1u);
    EXPECT_EQ(disks.clones[0].snapshot, "snapshot-1");
    EXPECT_EQ(disks.clones[0].target, cluster.vms[1].uuid);
    EXPECT_EQ(disks.clones[0].capacity_bytes, 10u << 20);
}

TEST_F(CloneDisk, StaysAtTheClusterWhereItBeganWhateverIsConfiguredLater) {
    ReloadedCluster second(cluster);
    ReloadedDisks disks_of_second(disks);
    engine::DiskPorts const reloaded{second, disks_of_second, time};
    auto const ended = clone(reloaded);
    EXPECT_EQ(ended.state, OperationState::succeeded) << ended.error.value_or(Error{}).context;
    EXPECT_EQ(disks.clones.size(), 1u);
}

TEST_F(CloneDisk, TheNewDiskHasTheCacheModeAndThePriorityOfTheSource) {
    cluster.vms[0].disks[0].cache_mode = "WRITEBACK";
    cluster.vms[0].disks[0].tiering_priority = 11;
    EXPECT_EQ(clone().state, OperationState::succeeded);
    ASSERT_EQ(disks.clones.size(), 1u);
    EXPECT_EQ(disks.clones[0].cache_mode, "WRITEBACK");
    EXPECT_EQ(disks.clones[0].tiering_priority, 11);
}

TEST_F(CloneDisk, StopsWhenTheSnapshotIsRefusedOrItsTaskFails) {
    disks.refuse_snapshot = Error{Errc::rejected, "it answered 400: no"};
    EXPECT_THAT(clone().error->context, HasSubstr("it answered 400: no; nothing was cloned"));
    disks.refuse_snapshot.reset();
    disks.snapshot_task_error = "out of space";
    auto const operation = clone();
    EXPECT_EQ(operation.error->code, Errc::task_failed);
    EXPECT_THAT(operation.error->context, HasSubstr("out of space"));
    EXPECT_TRUE(disks.clones.empty());
}

TEST_F(CloneDisk, DoesNotCloneFromAnExpiredSnapshot) {
    disks.task_length = 50s;
    auto const operation = clone();
    EXPECT_EQ(operation.error->code, Errc::timed_out);
    EXPECT_TRUE(disks.clones.empty());
}

TEST_F(CloneDisk, NamesTheClocksWhenTheSnapshotExpiresImmediately) {
    disks.snapshot_is_gone = true;
    auto const operation = clone();
    EXPECT_EQ(operation.error->code, Errc::task_failed);
    EXPECT_THAT(operation.error->context, HasSubstr("clock"));
    EXPECT_TRUE(disks.clones.empty());
}

TEST_F(CloneDisk, DoesNotCloneADiskThatTheSnapshotLacks) {
    disks.snapshot_is_empty = true;
    EXPECT_THAT(clone().error->context, HasSubstr("the snapshot does not contain disk disk-FILE01"));
    EXPECT_TRUE(disks.clones.empty());
}

TEST_F(CloneDisk, ReportsAFailedCloneTaskWithTheClustersReason) {
    disks.clone_task_error = "no free slot";
    disks.clone_does_not_appear = true;
    auto const operation = clone();
    EXPECT_EQ(operation.state, OperationState::failed);
    EXPECT_EQ(operation.error->code, Errc::task_failed);
    EXPECT_THAT(operation.error->context, HasSubstr("no free slot"));
}

TEST_F(CloneDisk, FindsTheNewDiskWhenTheTasksHaveExpired) {
    disks.tasks_are_forgotten = true;
    EXPECT_EQ(clone().state, OperationState::succeeded);
    cluster.vms[1].disks.pop_back();
    disks.clone_does_not_appear = true;
    auto const operation = clone();
    EXPECT_EQ(operation.error->code, Errc::outcome_unknown);
    EXPECT_THAT(operation.error->context, HasSubstr("show-disks"));
}

TEST_F(CloneDisk, SaysThatTheOutcomeIsUnknownWhenTheAnswerIsLost) {
    disks.refuse_clone = Error{Errc::outcome_unknown, "the order had been sent and may be carried out"};
    auto const operation = clone();
    EXPECT_EQ(operation.error->code, Errc::outcome_unknown);
    EXPECT_THAT(operation.error->context, HasSubstr("before you try again"));
    EXPECT_EQ(disks.clones.size(), 1u);
}

TEST_F(CloneDisk, GivesUpOnATaskThatNeverEnds) {
    disks.task_length = 30s;
    cluster.instead_of_report = [](FakeCluster::Run const& run) -> std::optional<Result<core::TaskReport>> {
        if (run.tag.text() != "clone") return std::nullopt;
        core::TaskReport report;
        report.tag = run.tag;
        report.state = core::TaskState::running;
        return Result<core::TaskReport>(report);
    };
    auto const operation = clone();
    EXPECT_EQ(operation.error->code, Errc::outcome_unknown);
    EXPECT_THAT(operation.error->context, HasSubstr("did not finish within 600 s"));
}

TEST(CloneDiskPlan, RefusesWhatNoSnapshotContains) {
    core::Vm owner, target;
    owner.name = "A";
    target.name = "B";
    owner.disks = {{DiskUuid{"cd"}, "IDE_CDROM"}, {DiskUuid{"raw"}, "VIRTIO_DISK"}, {DiskUuid{"ok"}, "VIRTIO_DISK"}};
    owner.disks[1].without_snapshots = true;
    std::vector const vms{owner, target};
    EXPECT_EQ(core::plan_disk_clone(vms, DiskUuid{"cd"}, target).error().code, Errc::refused);
    EXPECT_THAT(core::plan_disk_clone(vms, DiskUuid{"raw"}, target).error().context, HasSubstr("disableSnapshotting"));
    EXPECT_EQ(core::plan_disk_clone(vms, DiskUuid{"none"}, target).error().code, Errc::not_found);
    EXPECT_TRUE(core::plan_disk_clone(vms, DiskUuid{"ok"}, target));
    target.replica = true;
    EXPECT_EQ(core::plan_disk_clone(vms, DiskUuid{"ok"}, target).error().code, Errc::refused);
}

}  // namespace
}  // namespace sb::test
