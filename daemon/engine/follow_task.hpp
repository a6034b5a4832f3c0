#pragma once
// Waits for a small task of the cluster: one that takes seconds, for which nobody draws a progress bar.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/time.hpp"

namespace sb::engine {

/// Comes back when the task has ended. Errors: task_failed with the cluster's reason; timed_out after `limit` (it may
/// go on at the cluster); not_found when the cluster does not know it any more, so that its end is not known.
task<Result<void>> follow_task(ports::Cluster& cluster, ports::Time& time, TaskTag tag, Milliseconds limit);

}  // namespace sb::engine
