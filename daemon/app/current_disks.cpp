#include "daemon/app/current_disks.hpp"

namespace sb::app {

// Each call holds its adapter alive on its own frame.

task<Result<ports::Making>> CurrentDisks::take_snapshot(ports::SnapshotOrder order) {
    auto const disks = disks_;
    co_return co_await disks->take_snapshot(std::move(order));
}

task<Result<ports::Snapshot>> CurrentDisks::get_snapshot(std::string uuid) {
    auto const disks = disks_;
    co_return co_await disks->get_snapshot(std::move(uuid));
}

task<Result<ports::Making>> CurrentDisks::clone_disk(ports::DiskCloneOrder order) {
    auto const disks = disks_;
    co_return co_await disks->clone_disk(std::move(order));
}

task<Result<std::vector<ports::Medium>>> CurrentDisks::list_media() {
    auto const disks = disks_;
    co_return co_await disks->list_media();
}

task<Result<ports::Making>> CurrentDisks::upload_disk_image(std::string name, std::shared_ptr<ByteSource> content) {
    auto const disks = disks_;
    co_return co_await disks->upload_disk_image(std::move(name), std::move(content));
}

}  // namespace sb::app
