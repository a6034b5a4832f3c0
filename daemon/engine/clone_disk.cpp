#include "daemon/engine/clone_disk.hpp"

#include "daemon/engine/follow_task.hpp"

#include <algorithm>

namespace sb::engine {
namespace {

constexpr char const* nothing_cloned = "nothing was cloned; the snapshot, if one exists, expires within a minute";

Error before_the_clone(Error error, std::string const& doing) {
    error.context = doing + ": " + error.context + "; " + nothing_cloned;
    return error;
}

std::string advice(core::DiskClone const& plan) {
    return "; check the disks of VM '" + plan.target.name + "' (scale-backupctl show-disks) before you try again";
}

/// Takes a snapshot that contains the disk; returns its uuid.
task<Result<std::string>> take_snapshot(DiskPorts ports, core::DiskClone const& plan, CloneLimits limits) {
    ports::SnapshotOrder order;
    order.vm = plan.owner.uuid;
    order.label = "scale-backup: temporary, for clone-disk";
    order.taken = std::chrono::floor<std::chrono::seconds>(ports.time.now().time_since_epoch()).count();
    order.retain_until = order.taken + limits.snapshot_life.count();
    std::string const doing = "taking a snapshot of VM '" + plan.owner.name + "'";
    auto const taken = co_await ports.disks.take_snapshot(std::move(order));
    if (!taken) co_return before_the_clone(taken.error(), doing);
    auto const ended = co_await follow_task(ports.cluster, ports.time, taken->tag, limits.snapshot_task);
    // An expired task may have succeeded: the snapshot itself shows it.
    if (!ended && ended.error().code != Errc::not_found) co_return before_the_clone(ended.error(), doing);
    auto const snapshot = co_await ports.disks.get_snapshot(taken->created);
    if (!snapshot) {
        auto error = before_the_clone(snapshot.error(), doing);
        if (error.code == Errc::not_found) {
            error.code = Errc::task_failed;
            error.context += "; it expires after " + std::to_string(limits.snapshot_life.count()) +
                             " s by the cluster's clock: do the clocks of this machine and of the cluster agree?";
        }
        co_return error;
    }
    if (std::ranges::find(snapshot->disks, plan.disk.uuid) == snapshot->disks.end()) {
        Error const missing{Errc::task_failed, "the snapshot does not contain disk " + plan.disk.uuid.text()};
        co_return before_the_clone(missing, doing);
    }
    co_return taken->created;
}

/// Whether the target has the new disk; a task's success counts only then.
task<Result<void>> find_new_disk(DiskPorts ports, core::DiskClone const& plan, std::string uuid, Result<void> ended) {
    auto const target = co_await ports.cluster.get_vm(plan.target.uuid);
    bool const there =
        target && std::ranges::find(target->disks, DiskUuid(uuid), &core::Disk::uuid) != target->disks.end();
    if (there) co_return Result<void>();
    std::string const why = target ? "the target VM does not show the new disk " + uuid : target.error().context;
    std::string const task = ended ? "the cluster reports its task as complete" : ended.error().context;
    co_return Error{Errc::outcome_unknown,
                    task + ", but it is not known whether the disk was created: " + why + advice(plan)};
}

}  // namespace

task<Result<void>> clone_disk(PinnedDiskPorts pinned, core::DiskClone plan, CloneLimits limits,
                              std::shared_ptr<Operation> operation) {
    auto const ports = pinned.get();
    operation->phase = "snapshot";
    auto const snapshot = co_await take_snapshot(ports, plan, limits);
    if (!snapshot) co_return snapshot.error();

    operation->phase = "cloning";
    ports::DiskCloneOrder order;
    order.disk = plan.disk.uuid;
    order.snapshot = *snapshot;
    order.target = plan.target.uuid;
    order.type = plan.disk.type;
    order.capacity_bytes = plan.disk.capacity_bytes;
    order.cache_mode = plan.disk.cache_mode;
    order.tiering_priority = plan.disk.tiering_priority;
    auto const making = co_await ports.disks.clone_disk(std::move(order));
    if (!making) {
        auto error = while_doing(making.error(), "cloning disk " + plan.disk.uuid.text());
        if (error.code == Errc::outcome_unknown) error.context += advice(plan);
        co_return error;
    }
    operation->created = making->created;
    auto ended = co_await follow_task(ports.cluster, ports.time, making->tag, limits.clone_task);
    if (!ended && ended.error().code != Errc::not_found) {
        auto error = while_doing(ended.error(), "cloning disk " + plan.disk.uuid.text());
        if (error.code == Errc::timed_out) error.code = Errc::outcome_unknown;
        error.context += advice(plan);
        co_return error;
    }
    co_return co_await find_new_disk(ports, plan, making->created, std::move(ended));
}

}  // namespace sb::engine
