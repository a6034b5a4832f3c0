#pragma once
// Writes jobs and runs to the journal. If that fails, a running job continues (the cluster's task runs anyway): the
// change is kept here and written again, within a second once it is known that the journal can be written, so that a
// job does not disappear from the lists when it finishes. Each record gets a revision, so that one that is written
// again never replaces a newer one.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/task_group.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/run.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace sb::engine {

class JobRecorder {
public:
    JobRecorder(asio::any_io_executor executor, ports::Journal& journal, ports::Time& time,
                ConditionRegistry& conditions);

    void stop() { group_.stop(); }
    task<void> join() { return group_.join(); }

    /// Records a new job and sets its id. After an error the journal may have the record nevertheless: it is found and
    /// ended, so that a job that was refused does not run at the next start.
    task<Result<void>> add(core::Job& job);
    /// Records a new job of a run, and the run with it: both or none.
    task<Result<void>> add(core::Job& job, core::Run& run);
    /// Records a change now or later, so this does not fail.
    task<void> record(core::Job job);
    task<void> record_run(core::Run& run);
    /// For what must be in the journal before it takes effect. A failed call leaves no trace, except that the journal
    /// may have the record although it reported an error.
    task<Result<void>> record_now(core::Job job);
    /// Records the intent to order, without which nothing is sent. Returns nothing, or what it means for the job that
    /// this failed. The reason is not its VM's, so a scheduled one is withdrawn: no pause after a failure keeps the
    /// schedule from ordering it again once the journal can be written.
    task<std::optional<core::Event>> record_intent(core::Job job);
    /// After record_now() has failed: the job is unchanged, and the journal must agree.
    void record_later(core::Job job);

    /// The job as the journal does not have it yet.
    std::optional<core::Job> find(JobId id) const;
    /// The finished ones among those.
    std::vector<core::Job> finished_jobs() const;

private:
    std::uint64_t next_revision(std::uint64_t recorded);
    task<Result<void>> save(core::Job job);
    task<Result<core::RunId>> save(core::Run run);
    void keep(core::Job job);
    void retry_soon();
    task<void> retry_until_recorded();
    task<void> wait_for_retry(Milliseconds pause);
    bool is_journal_unwritable() const;
    task<void> retry();
    void refuse(core::Job job, Error const& why);
    task<void> end_refused();

    ports::Journal& journal_;
    ports::Time& time_;
    ConditionRegistry& conditions_;
    std::uint64_t last_revision_ = 0;  ///< of any job or run
    /// The last changes, as far as the journal does not have them.
    std::map<JobId, core::Job> jobs_;
    std::map<core::RunId, core::Run> runs_;
    std::deque<core::Job> refused_;  ///< that may be in the journal; without their ids
    bool retrying_ = false;
    int refused_intents_ = 0;  ///< of scheduled jobs, since the last one that was recorded
    TaskGroup group_;
};

/// Why a job was not cancelled: the cancellation would be forgotten if the daemon were restarted.
Error cancellation_not_recorded(JobId id, Error const& why);

}  // namespace sb::engine
