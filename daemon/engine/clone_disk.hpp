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

inline constexpr char const* clone_disk_kind = "clone-disk";

/// How long the cluster may take, and when the snapshot expires.
struct CloneLimits {
    std::chrono::seconds snapshot_life{60};
    Milliseconds snapshot_task{45'000};  ///< less than its lifetime: cloning from an expired snapshot would fail
    Milliseconds clone_task{600'000};
};

/// Phases: "snapshot", "cloning". Waits for every task to finish, then checks that the target has the new disk. An
/// error says what may be left behind. `ports` must outlive it.
task<Result<void>> clone_disk(DiskPorts ports, core::DiskClone plan, CloneLimits limits,
                              std::shared_ptr<Operation> operation);

}  // namespace sb::engine
