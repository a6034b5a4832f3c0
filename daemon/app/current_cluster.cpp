#include "daemon/app/current_cluster.hpp"

namespace sb::app {

// Each call keeps its adapter alive in its own frame: a reload may replace it meanwhile.

task<Result<ports::Vms>> CurrentCluster::list_vms() {
    auto const cluster = cluster_;
    co_return co_await cluster->list_vms();
}

task<Result<core::Vm>> CurrentCluster::get_vm(VmUuid uuid) {
    auto const cluster = cluster_;
    co_return co_await cluster->get_vm(std::move(uuid));
}

task<Result<ports::OrderAccepted>> CurrentCluster::start_export(ports::ExportOrder order) {
    auto const cluster = cluster_;
    co_return co_await cluster->start_export(std::move(order));
}

task<Result<ports::OrderAccepted>> CurrentCluster::start_import(ports::ImportOrder order) {
    auto const cluster = cluster_;
    co_return co_await cluster->start_import(std::move(order));
}

task<Result<core::TaskReport>> CurrentCluster::get_task(TaskTag tag) {
    auto const cluster = cluster_;
    co_return co_await cluster->get_task(std::move(tag));
}

task<Result<std::vector<core::TaskReport>>> CurrentCluster::list_tasks() {
    auto const cluster = cluster_;
    co_return co_await cluster->list_tasks();
}

task<void> CurrentCluster::check_other_nodes() {
    auto const cluster = cluster_;
    co_await cluster->check_other_nodes();
}

task<Result<ports::ClusterIdentity>> CurrentCluster::identity() {
    auto const cluster = cluster_;
    co_return co_await cluster->identity();
}

task<Result<bool>> CurrentCluster::update_in_progress() {
    auto const cluster = cluster_;
    co_return co_await cluster->update_in_progress();
}

task<Result<ports::Creation>> CurrentDisks::take_snapshot(ports::SnapshotOrder order) {
    auto const disks = disks_;
    co_return co_await disks->take_snapshot(std::move(order));
}

task<Result<ports::Snapshot>> CurrentDisks::get_snapshot(std::string uuid) {
    auto const disks = disks_;
    co_return co_await disks->get_snapshot(std::move(uuid));
}

task<Result<ports::Creation>> CurrentDisks::clone_disk(ports::DiskCloneOrder order) {
    auto const disks = disks_;
    co_return co_await disks->clone_disk(std::move(order));
}

task<Result<std::vector<ports::Medium>>> CurrentDisks::list_media() {
    auto const disks = disks_;
    co_return co_await disks->list_media();
}

task<Result<ports::Creation>> CurrentDisks::upload_disk_image(std::string name, std::shared_ptr<ByteSource> content) {
    auto const disks = disks_;
    co_return co_await disks->upload_disk_image(std::move(name), std::move(content));
}

}  // namespace sb::app
