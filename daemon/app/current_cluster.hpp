#pragma once
// The cluster, and its disks, that the current configuration names. A reload puts other adapters behind them; calls
// in progress end with the adapter that they started with.

#include "daemon/ports/cluster.hpp"
#include "daemon/ports/disks.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace sb::app {

class CurrentCluster final : public ports::Cluster {
public:
    explicit CurrentCluster(std::shared_ptr<ports::Cluster> cluster) : cluster_(std::move(cluster)) {}

    void replace(std::shared_ptr<ports::Cluster> cluster) { cluster_ = std::move(cluster); }

    task<Result<ports::Vms>> list_vms() override;
    task<Result<core::Vm>> get_vm(VmUuid uuid) override;
    task<Result<ports::OrderAccepted>> start_export(ports::ExportOrder order) override;
    task<Result<ports::OrderAccepted>> start_import(ports::ImportOrder order) override;
    task<Result<core::TaskReport>> get_task(TaskTag tag) override;
    task<Result<std::vector<core::TaskReport>>> list_tasks() override;
    std::string host() const override { return cluster_->host(); }
    std::vector<ports::NodeReport> nodes() const override { return cluster_->nodes(); }
    task<void> check_other_nodes() override;
    std::shared_ptr<ports::Cluster> present() override { return cluster_; }
    task<Result<ports::ClusterIdentity>> identity() override;
    std::optional<ports::ClusterDate> latest_date() const override { return cluster_->latest_date(); }
    task<Result<bool>> update_in_progress() override;

private:
    std::shared_ptr<ports::Cluster> cluster_;
};

class CurrentDisks final : public ports::Disks {
public:
    explicit CurrentDisks(std::shared_ptr<ports::Disks> disks) : disks_(std::move(disks)) {}

    void replace(std::shared_ptr<ports::Disks> disks) { disks_ = std::move(disks); }

    std::shared_ptr<ports::Disks> present() override { return disks_; }

    task<Result<ports::Creation>> take_snapshot(ports::SnapshotOrder order) override;
    task<Result<ports::Snapshot>> get_snapshot(std::string uuid) override;
    task<Result<ports::Creation>> clone_disk(ports::DiskCloneOrder order) override;
    task<Result<std::vector<ports::Medium>>> list_media() override;
    task<Result<ports::Creation>> upload_disk_image(std::string name, std::shared_ptr<ByteSource> content) override;

private:
    std::shared_ptr<ports::Disks> disks_;
};

}  // namespace sb::app
