#pragma once
// Waits for a small task of the cluster: one that takes seconds and needs no progress bar.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/time.hpp"

namespace sb::engine {

/// Returns when the task has finished. Errors: task_failed with the cluster's reason; timed_out after `limit` (the task
/// may continue at the cluster); not_found if the cluster no longer knows it, so that its outcome is unknown.
task<Result<void>> follow_task(ports::Cluster& cluster, ports::Time& time, TaskTag tag, Milliseconds limit);

}  // namespace sb::engine
