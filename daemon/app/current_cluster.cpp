#include "daemon/app/current_cluster.hpp"

namespace sb::app {

// Each call holds its adapter alive on its own frame.

task<Result<ports::Vms>> CurrentCluster::list_vms() {
    auto const cluster = cluster_;
    co_return co_await cluster->list_vms();
}

task<Result<core::Vm>> CurrentCluster::get_vm(VmUuid uuid) {
    auto const cluster = cluster_;
    co_return co_await cluster->get_vm(std::move(uuid));
}

task<Result<ports::OrderTaken>> CurrentCluster::start_export(ports::ExportOrder order) {
    auto const cluster = cluster_;
    co_return co_await cluster->start_export(std::move(order));
}

task<Result<ports::OrderTaken>> CurrentCluster::start_import(ports::ImportOrder order) {
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

task<void> CurrentCluster::look_around() {
    auto const cluster = cluster_;
    co_await cluster->look_around();
}

}  // namespace sb::app
