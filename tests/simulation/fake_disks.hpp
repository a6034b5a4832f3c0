#pragma once
// The disks of the fake cluster: snapshots, clones and uploads that can be made to misbehave.

#include "daemon/ports/disks.hpp"
#include "tests/simulation/fake_cluster.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sb::test {

class FakeDisks final : public ports::Disks {
public:
    FakeDisks(FakeCluster& cluster, ports::Time& time) : cluster_(cluster), time_(time) {}

    // ---- what the test sets
    std::optional<Error> refuse_snapshot, refuse_clone, refuse_upload, list_fails;
    std::string snapshot_task_error, clone_task_error;
    bool tasks_are_forgotten = false;
    Milliseconds task_length{500};
    bool snapshot_is_gone = false, snapshot_is_empty = false, clone_does_not_appear = false;
    std::vector<ports::Medium> media;
    Milliseconds piece_time{0};  ///< how long the cluster takes for each piece of an upload
    bool keeps_the_part = true;  ///< of an interrupted upload
    std::function<void()> on_list = [] {};

    // ---- what the test checks
    std::vector<ports::SnapshotOrder> snapshots;
    std::vector<ports::DiskCloneOrder> clones;
    std::vector<std::string> uploads;
    std::uint64_t uploaded_bytes = 0;

    task<Result<ports::Creation>> take_snapshot(ports::SnapshotOrder order) override {
        snapshots.push_back(order);
        if (refuse_snapshot) co_return *refuse_snapshot;
        begin_task("snap", order.vm, snapshot_task_error);
        co_return ports::Creation{TaskTag{"snap"}, "snapshot-1"};
    }
    task<Result<ports::Snapshot>> get_snapshot(std::string uuid) override {
        if (snapshot_is_gone) co_return Error{Errc::not_found, "the cluster has no snapshot " + uuid};
        ports::Snapshot snapshot{uuid, {}};
        if (!snapshot_is_empty)
            for (auto const& vm : cluster_.vms)
                for (auto const& disk : vm.disks) snapshot.disks.push_back(disk.uuid);
        co_return snapshot;
    }
    task<Result<ports::Creation>> clone_disk(ports::DiskCloneOrder order) override {
        clones.push_back(order);
        if (refuse_clone) co_return *refuse_clone;
        for (auto& vm : cluster_.vms)
            if (vm.uuid == order.target && !clone_does_not_appear)
                vm.disks.push_back({DiskUuid{"new-disk"}, order.type, order.capacity_bytes, 0});
        begin_task("clone", order.target, clone_task_error);
        co_return ports::Creation{TaskTag{"clone"}, "new-disk"};
    }
    task<Result<std::vector<ports::Medium>>> list_media() override {
        on_list();
        if (list_fails) co_return *list_fails;
        co_return media;
    }
    task<Result<ports::Creation>> upload_disk_image(std::string name, std::shared_ptr<ByteSource> content) override {
        uploads.push_back(name);
        if (refuse_upload) co_return *refuse_upload;
        auto const uuid = "medium-" + std::to_string(uploads.size());
        if (keeps_the_part) media.push_back({uuid, "uploading-" + name, 0});
        std::vector<char> piece(4);
        for (std::uint64_t sent = 0; sent < content->size();) {
            auto const got = co_await content->read_some(piece);
            if (!got) co_return got.error();
            auto const taken = time_.steady_now() + piece_time;
            co_await time_.sleep_until(taken);
            sent += *got;
            uploaded_bytes += *got;
        }
        std::erase_if(media, [&](ports::Medium const& medium) { return medium.uuid == uuid; });
        media.push_back({uuid, "converting-" + name, 0});
        co_return ports::Creation{TaskTag{}, uuid};
    }

private:
    void begin_task(std::string const& tag, VmUuid const& vm, std::string const& fails_with) {
        if (tasks_are_forgotten) return;
        FakeCluster::Run run;
        run.tag = TaskTag{tag};
        run.vm = vm;
        run.asked = time_.steady_now();
        run.length = task_length;
        run.fails_with = fails_with;
        cluster_.runs.push_back(run);
    }

    FakeCluster& cluster_;
    ports::Time& time_;
};

}  // namespace sb::test
