#pragma once
// clone-disk: a snapshot that removes itself, and a new disk made from it.

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

/// How long the cluster may take, and how long the snapshot lives.
struct CloneLimits {
    std::chrono::seconds snapshot_life{60};
    Milliseconds snapshot_task{45'000};  ///< less than its life: a clone from a snapshot that is gone would fail
    Milliseconds clone_task{600'000};
};

/// Phases: "snapshot", "cloning". Every task is followed to its end, and the new disk is looked for at the target. An
/// error says what may be left behind. `ports` must outlive it.
task<Result<void>> clone_disk(DiskPorts ports, core::DiskClone plan, CloneLimits limits,
                              std::shared_ptr<Operation> operation);

}  // namespace sb::engine
