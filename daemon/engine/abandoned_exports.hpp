#pragma once
// Exports of lost jobs that may still run at the cluster. Each is watched until its end is known: until then its bytes
// stay reserved, and the schedule starts no second export of the VM. A manual backup does, so that a dead task does not
// block the VM forever: when an export that was ordered later has succeeded, the schedule continues too.

#include "daemon/async/task.hpp"
#include "daemon/async/task_group.hpp"
#include "daemon/core/job.hpp"
#include "daemon/engine/cluster_identity_watch.hpp"
#include "daemon/engine/limits.hpp"
#include "daemon/engine/queued_exports.hpp"
#include "daemon/engine/vm_list.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace sb::engine {

class AbandonedExports {
public:
    struct Dependencies {
        ports::Cluster& cluster;
        ports::Catalog& catalog;
        ports::Time& time;
        ClusterIdentityWatch& identity;
        VmList& vms;
        QueuedExports& queued;
        Limits const& limits;
        std::function<void()> changed = [] {};  ///< what is known about the task of one
    };

    AbandonedExports(asio::any_io_executor executor, Dependencies dependencies);

    void stop() { group_.stop(); }
    task<void> join() { return group_.join(); }

    /// A finished job. Older ones than a week are not taken: no task lives that long.
    /// `newest`: the highest number of a job then; empty = not known, since the daemon was restarted meanwhile.
    void note(core::Job const& job, std::optional<JobId> newest = {});
    /// `refused` if one of them may still be exporting the VM. An error that is transient: it could not be asked.
    task<Result<void>> check(core::Vm vm);
    /// What they may still write.
    std::uint64_t expected_bytes() const;

private:
    struct Abandoned {
        core::Job job;
        std::optional<JobId> newest;                       ///< the highest number of a job when it was lost
        core::TaskState state = core::TaskState::unknown;  ///< as last reported
        bool is_superseded = false;                        ///< an export of the VM that was ordered later has succeeded
        std::optional<SteadyTime> absent_since;  ///< not known at the cluster, and nothing is written into its folder
        ports::FolderStats seen;
    };

    /// Ordered at a cluster that is not configured now: its task cannot be asked for.
    bool is_elsewhere(core::Job const& job) const;
    task<Result<void>> look(TaskTag tag);
    task<bool> has_come_to_rest(TaskTag tag);
    void forget(TaskTag const& tag);
    static bool was_ordered_later(core::Job const& job, Abandoned const& abandoned);
    task<void> watch();

    Dependencies dependencies_;
    std::map<TaskTag, Abandoned> exports_;
    bool watching_ = false;
    TaskGroup group_;
};

/// Why no second export is started while this task works, for people.
Error still_exporting(core::TaskReport const& task, core::Vm const& vm);

}  // namespace sb::engine
