#pragma once
// The jobs: accepts them, runs each one independently of the others, and after a restart resumes those that the journal
// lists as unfinished. core::step() makes all decisions.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/task_group.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/run.hpp"
#include "daemon/core/storage_mark.hpp"
#include "daemon/core/storage_space.hpp"
#include "daemon/engine/actions.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/job_recorder.hpp"
#include "daemon/engine/cluster_identity_watch.hpp"
#include "daemon/engine/limits.hpp"
#include "daemon/engine/order_gate.hpp"
#include "daemon/engine/slots.hpp"
#include "daemon/engine/vm_list.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sb::engine {

struct Ports {
    ports::Cluster& cluster;
    ports::Catalog& catalog;
    ports::Journal& journal;
    ports::Time& time;
    ports::JobHooks& hooks;
    ClusterIdentityWatch& identity;
    OrderGate& gate;
};

struct Cancelled {
    core::Job job;
    std::string note;  ///< what happens now
};

/// Why the job's export, which is complete, is not a backup yet; empty if the job waits for something else.
std::string why_not_named(core::Job const& job);

class Engine {
public:
    /// Called for every change of a job, including its end.
    using OnChange = std::function<void(core::Job const&)>;

    Engine(asio::any_io_executor executor, Ports ports, ConditionRegistry& conditions, std::size_t concurrency,
           Limits limits, OnChange on_change);

    /// Resumes the jobs that were unfinished when the daemon last stopped. `unnamed`: backups that wait for their name
    /// without a job (UnnamedExports).
    task<Result<void>> start(std::set<std::string> unnamed = {});
    /// Jobs stop where they are; tasks at the cluster continue and are resumed at the next start.
    void stop();
    task<void> join();

    /// `vm` is a name or a uuid. Everything that can be refused is refused here; the job is queued when this returns.
    task<Result<core::Job>> submit_backup(std::string vm, std::string backup);
    /// `force`: restores a damaged backup too.
    task<Result<core::Job>> submit_restore(std::string backup, std::string vm_name, bool force = false);
    /// For the scheduler, which chooses the VM and the folder's name. The job is recorded with its run.
    task<Result<core::Job>> submit_scheduled(core::Vm vm, std::string backup, core::Run& run);
    /// The cancellation is recorded when this returns. The journal's error if it cannot be: then the job continues.
    task<Result<Cancelled>> cancel(JobId id);

    task<Result<ports::Vms>> list_vms(Milliseconds max_age = std::chrono::seconds{1}) { return vms_.get(max_age); }
    /// All tasks that the cluster still knows.
    task<Result<std::vector<core::TaskReport>>> list_tasks() { return ports_.cluster.list_tasks(); }
    /// Includes those that unfinished jobs are writing.
    task<Result<std::vector<core::Backup>>> list_backups();
    /// The backup's name for that of a landing folder; others are returned as they are. `refused`, with the reason, if
    /// the landing folder has not become a backup, or an export waits for this name.
    task<Result<std::string>> backup_name(std::string name_or_folder);
    /// Queued and running jobs, then the newest `limit` finished ones; newest first.
    task<Result<std::vector<core::Job>>> list_jobs(std::size_t limit);
    task<Result<core::Job>> find_job(JobId id);

    std::vector<core::Job> unfinished_jobs() const;
    /// Whether the job's export is complete, but its folder has been refused its name for so long that a run no longer
    /// waits for it.
    bool is_held_up(JobId id) const;
    JobRecorder& recorder() { return recorder_; }
    /// `refused` if LocalPath may not be where the backups were written. Writes the mark into a new one.
    task<Result<void>> check_storage();
    /// Finds out whether that is (still) a condition. Writes nothing.
    task<void> watch_storage();
    /// Whether LocalPath is, as far as known, where the backups were written. Writes nothing.
    task<bool> is_right_storage();
    /// Includes what the running exports, except one, will still write.
    core::StorageSpace storage_space(ports::Space const& space, JobId except = 0) const;
    std::string cluster_host() const { return ports_.cluster.host(); }
    ClusterIdentityWatch& identity() { return ports_.identity; }
    OrderGate& gate() { return ports_.gate; }
    Reachability const& cluster_reachability() const { return vms_.reachability(); }
    std::optional<UtcTime> last_success() const { return last_success_; }
    /// After a reload: the next list of VMs comes from the cluster.
    void forget_vms() { vms_.forget(); }
    void use(Limits limits) { actions_.use(limits); }
    void set_concurrency(std::size_t concurrency) { slots_.set_capacity(concurrency); }

private:
    using LiveJobs = std::map<JobId, std::shared_ptr<LiveJob>>;

    task<Result<core::Job>> enqueue(core::Job job, core::Run* run = nullptr);
    void spawn(std::shared_ptr<LiveJob> live, core::Event first);
    task<void> run(std::shared_ptr<LiveJob> live, core::Event first);
    task<void> run_steps(LiveJob& live, core::Event event);
    void note_commit(core::Job const& before, core::Event const& event, core::Job const& after);
    void forget_old_commits(std::set<std::string> const& others);
    std::string why_not_there_yet(std::string const& name) const;
    task<Result<std::string>> rescued_name(core::Job job, std::string folder);
    task<Result<std::set<JobId>>> unsynced_exports(std::vector<core::Job> unfinished);
    task<Result<void>> doubt_leftovers();
    task<core::Event> next_event(core::Action action, LiveJob& live);
    task<Result<core::StorageFacts>> storage_facts();
    core::StorageVerdict judge_storage(core::StorageFacts const& facts);
    task<Result<std::string>> mark_storage();
    task<void> presume_vms(std::vector<core::Backup>& backups);
    task<core::Backup> unfinished_backup(core::Job job);
    /// Remembers what a finished job means for the next export of its VM.
    void remember_outcome(core::Job const& job);
    /// `refused` if the cluster is still exporting the VM.
    task<Result<void>> check_not_exporting(core::Job job, core::Vm vm);
    /// The estimated size of the export in bytes; `no_space` if it does not fit.
    task<Result<std::uint64_t>> check_space(core::Job job, std::vector<core::Disk> disks);
    void release_slot(LiveJob& live);
    std::vector<TaskTag> tags_of_others(JobId id) const;
    std::optional<Error> claimed_by_other(std::string const& backup, std::string const& vm_name) const;

    Ports ports_;
    ConditionRegistry& conditions_;
    JobRecorder recorder_;
    VmList vms_;
    Slots slots_;
    OnChange on_change_;
    Actions actions_;
    LiveJobs live_;
    /// Tasks of lost exports that may still be running, by VM.
    std::map<VmUuid, std::set<TaskTag>> abandoned_;
    bool marking_storage_ = false;
    unsigned markings_ = 0;  ///< of the storage: increases when a marking starts and when it has finished
    std::optional<UtcTime> last_success_;
    TaskGroup group_;
};

}  // namespace sb::engine
