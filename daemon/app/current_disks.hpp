#pragma once
// The disks of the cluster that the present configuration names; as CurrentCluster.

#include "daemon/ports/disks.hpp"

#include <memory>
#include <utility>

namespace sb::app {

class CurrentDisks final : public ports::Disks {
public:
    explicit CurrentDisks(std::shared_ptr<ports::Disks> disks) : disks_(std::move(disks)) {}

    void replace(std::shared_ptr<ports::Disks> disks) { disks_ = std::move(disks); }

    task<Result<ports::Making>> take_snapshot(ports::SnapshotOrder order) override;
    task<Result<ports::Snapshot>> get_snapshot(std::string uuid) override;
    task<Result<ports::Making>> clone_disk(ports::DiskCloneOrder order) override;
    task<Result<std::vector<ports::Medium>>> list_media() override;
    task<Result<ports::Making>> upload_disk_image(std::string name, std::shared_ptr<ByteSource> content) override;

private:
    std::shared_ptr<ports::Disks> disks_;
};

}  // namespace sb::app
