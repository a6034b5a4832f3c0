#pragma once
// clone-disk: takes a snapshot that expires automatically and creates a new disk from it.

#include "daemon/core/disk_clone.hpp"
#include "daemon/engine/operations.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/disks.hpp"

#include <memory>

namespace sb::engine {

struct DiskPorts {
    ports::Cluster& cluster;
    ports::Disks& disks;
    ports::Time& time;
};

/// The adapters of the cluster that is configured when this is made. An operation keeps them to its end: after a reload
/// to another cluster, tags and uuids of the first one mean nothing there.
class PinnedDiskPorts {
public:
    PinnedDiskPorts(DiskPorts const& ports)  // NOLINT(google-explicit-constructor)
        : cluster_(ports.cluster.present()), disks_(ports.disks.present()), ports_(ports) {}

    DiskPorts get() const {
        return {cluster_ ? *cluster_ : ports_.cluster, disks_ ? *disks_ : ports_.disks, ports_.time};
    }

private:
    std::shared_ptr<ports::Cluster> cluster_;  ///< empty = there is only one
    std::shared_ptr<ports::Disks> disks_;      ///< likewise
    DiskPorts ports_;
};

inline constexpr char const* clone_disk_kind = "clone-disk";

/// How long the cluster may take, and when the snapshot expires.
struct CloneLimits {
    std::chrono::seconds snapshot_life{60};
    Milliseconds snapshot_task{45'000};  ///< less than its lifetime: cloning from an expired snapshot would fail
    Milliseconds clone_task{600'000};
};

/// Phases: "snapshot", "cloning". Waits for every task to finish, then checks that the target has the new disk. An
/// error says what may be left behind. `ports` must outlive it.
task<Result<void>> clone_disk(PinnedDiskPorts ports, core::DiskClone plan, CloneLimits limits,
                              std::shared_ptr<Operation> operation);

}  // namespace sb::engine
