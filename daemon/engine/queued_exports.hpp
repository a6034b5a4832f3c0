#pragma once
// Exports of ours that the cluster has accepted and not started. While there is one, no further export is ordered; when
// none has started for some time, that is a condition.

#include "daemon/core/vm.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/limits.hpp"
#include "daemon/ports/time.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace sb::engine {

class QueuedExports {
public:
    QueuedExports(ports::Time& time, ConditionRegistry& conditions, Limits const& limits)
        : time_(time), conditions_(conditions), limits_(limits) {}

    /// What the cluster reports about the task of a job's export. `is_stalled`: it runs, but makes no progress.
    void note(JobId job, core::TaskReport const& task, bool is_stalled);
    /// After a restart: the export may be one of them, until the cluster was asked.
    void expect(JobId job) { expected_.insert(job); }
    /// The cluster was asked; it may not have answered.
    void note_asked(JobId job);
    /// The job's task is no longer followed.
    void forget(JobId job);

    /// Those that may be one included.
    bool any() const { return !queued_.empty() || !expected_.empty(); }
    bool contains(JobId job) const { return queued_.contains(job); }
    /// Which exports wait, for people; empty if there are none.
    std::string why_held() const;
    /// The same once the condition stands; empty before.
    std::string why_no_exports() const;

private:
    struct Queued {
        TaskTag tag;
        SteadyTime since;
        UtcTime since_utc;
    };
    void judge();

    ports::Time& time_;
    ConditionRegistry& conditions_;
    Limits const& limits_;
    std::map<JobId, Queued> queued_;
    std::set<JobId> expected_;
    std::optional<SteadyTime> last_running_;  ///< when an export of ours was last seen to run
    bool is_reported_ = false;
};

}  // namespace sb::engine
