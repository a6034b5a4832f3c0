#pragma once
// The cluster as the present configuration names it. A reload puts another adapter behind it; calls that
// are under way end with the one that they began with.

#include "daemon/ports/cluster.hpp"

#include <memory>
#include <utility>

namespace sb::app {

class CurrentCluster final : public ports::Cluster {
public:
    explicit CurrentCluster(std::shared_ptr<ports::Cluster> cluster) : cluster_(std::move(cluster)) {}

    void replace(std::shared_ptr<ports::Cluster> cluster) { cluster_ = std::move(cluster); }

    task<Result<ports::Vms>> list_vms() override;
    task<Result<core::Vm>> get_vm(VmUuid uuid) override;
    task<Result<ports::OrderTaken>> start_export(ports::ExportOrder order) override;
    task<Result<ports::OrderTaken>> start_import(ports::ImportOrder order) override;
    task<Result<core::TaskReport>> get_task(TaskTag tag) override;
    task<Result<std::vector<core::TaskReport>>> list_tasks() override;
    std::string host() const override { return cluster_->host(); }
    std::vector<ports::NodeReport> nodes() const override { return cluster_->nodes(); }
    task<void> look_around() override;

private:
    std::shared_ptr<ports::Cluster> cluster_;
};

}  // namespace sb::app
