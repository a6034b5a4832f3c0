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
#include "daemon/engine/abandoned_exports.hpp"
#include "daemon/engine/actions.hpp"
#include "daemon/engine/cluster_contact.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/import_checks.hpp"
#include "daemon/engine/job_recorder.hpp"
#include "daemon/engine/leases.hpp"
#include "daemon/engine/cluster_identity_watch.hpp"
#include "daemon/engine/limits.hpp"
#include "daemon/engine/order_gate.hpp"
#include "daemon/engine/queued_exports.hpp"
#include "daemon/engine/slots.hpp"
#include "daemon/engine/trash.hpp"
#include "daemon/engine/vm_list.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <deque>
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
    Trash& trash;
    /// Whether the files of a complete backup are as its manifest says, and are whole.
    std::function<task<Result<void>>(std::string backup)> check_structure = nullptr;
};

struct Cancelled {
    core::Job job;
    std::string note;  ///< what happens now
};

/// A PreBackup hook.
struct RunningHook {
    JobId job = 0;
    std::string vm_name;
    UtcTime since;
};

/// Why the job's export, which is complete, is not a backup yet; empty if the job waits for something else.
std::string why_not_named(core::Job const& job);

class Engine {
public:
    /// Called for every change of a job, including its end.
    using OnChange = std::function<void(core::Job const&)>;

    Engine(asio::any_io_executor executor, Ports ports, ConditionRegistry& conditions, std::size_t concurrency,
           Limits limits, OnChange on_change);

    /// If what the start reads of LocalPath does not return: follows the tasks of the unfinished jobs at the cluster.
    /// All else that jobs do waits until start() has ended. Does nothing if it has. No job may be submitted before.
    task<Result<void>> follow_before_start();
    /// Resumes the jobs that were unfinished when the daemon last stopped. `unnamed`: backups that wait for their name
    /// without a job (UnnamedExports).
    task<Result<void>> start(std::set<std::string> unnamed = {});
    /// Jobs stop where they are; tasks at the cluster continue and are resumed at the next start.
    void stop();
    task<void> join();

    /// `vm` is a name or a uuid. Everything that can be refused is refused here; the job is queued when this returns.
    /// `is_gone`: whether the client no longer waits for the answer, because LocalPath or the cluster took too long:
    /// then nothing is queued.
    task<Result<core::Job>> submit_backup(std::string vm, std::string backup, std::function<bool()> is_gone = {});
    /// `force`: restores a damaged backup too.
    task<Result<core::Job>> submit_restore(std::string backup, std::string vm_name, bool force = false,
                                           std::function<bool()> is_gone = {});
    /// For the scheduler, which chooses the VM and the folder's name. The job is recorded with its run.
    task<Result<core::Job>> submit_scheduled(core::Vm vm, std::string backup, core::Run& run);
    /// The cancellation is recorded when this returns. The journal's error if it cannot be: then the job continues.
    task<Result<Cancelled>> cancel(JobId id);

    task<Result<ports::Vms>> list_vms(Milliseconds max_age = std::chrono::seconds{1}) { return vms_.get(max_age); }
    /// The same for what repeats by the clock: a login that was refused is not tried again for minutes, later hours.
    task<Result<ports::Vms>> list_vms_by_clock(Milliseconds max_age) { return vms_.get_by_clock(max_age); }
    /// For a person's question: waits a limited time. See ClusterContact.
    task<VmsForPerson> list_vms_for_person(Milliseconds max_age) { return contact_.vms(max_age); }
    /// A person's order: a login that was refused is tried again.
    void try_cluster_again() { vms_.try_again(); }
    /// All tasks that the cluster still knows.
    task<Result<std::vector<core::TaskReport>>> list_tasks() { return ports_.cluster.list_tasks(); }
    /// Includes those that unfinished jobs are writing.
    task<Result<std::vector<core::Backup>>> list_backups();
    /// Why the last listing failed; empty = it did not.
    std::string const& why_not_listed() const { return why_not_listed_; }
    /// The backup's name for that of a landing folder; others are returned as they are. `refused`, with the reason, if
    /// the landing folder has not become a backup, or an export waits for this name.
    task<Result<std::string>> backup_name(std::string name_or_folder);
    /// Queued and running jobs, then the newest `limit` finished ones; newest first.
    task<Result<std::vector<core::Job>>> list_jobs(std::size_t limit);
    task<Result<core::Job>> find_job(JobId id);

    /// Why a scheduled job that waits must not be ordered any longer; nothing = it may. The scheduler's answer. `vm`:
    /// as the cluster lists it now; null = not known.
    using WhyUnwanted = std::function<std::optional<Error>(core::Vm const* vm)>;
    void ask_before_orders(WhyUnwanted why_unwanted) { why_unwanted_ = std::move(why_unwanted); }
    /// Withdraws the scheduled jobs that are no longer wanted while they wait for a slot, instead of when they get one,
    /// or for their PreBackup hook, which is stopped. `vms`: as the cluster lists them now, as far as known.
    void withdraw_unwanted(std::vector<core::Vm> const& vms);
    /// Whether the job was withdrawn so: it is about to end, and orders nothing.
    bool is_withdrawn(JobId id) const;

    std::vector<core::Job> unfinished_jobs() const;
    struct JobCounts {
        std::size_t queued = 0, running = 0;
    };
    JobCounts count_jobs() const;
    /// The PreBackup hooks that run now; each holds its job's slot.
    std::vector<RunningHook> running_hooks() const;
    /// Whether the job's export is complete, but its folder has been refused its name for so long that a run no longer
    /// waits for it.
    bool is_held_up(JobId id) const;
    /// Whether it is a restore that has left its slot while the check of its backup's files waits for LocalPath.
    bool has_left_slot(JobId id) const;
    JobRecorder& recorder() { return recorder_; }
    /// `refused` if LocalPath may not be where the backups were written. Writes the mark into a new one.
    task<Result<void>> check_storage();
    /// Why nothing may be deleted at this moment, by the rules or by a person; empty = it may. LocalPath, the cluster
    /// (asked at most 10 seconds ago) and other installations. The clock is not asked: a person may delete while it is
    /// in doubt.
    task<std::string> objection_to_deleting();
    /// Finds out whether that is (still) a condition. Writes nothing.
    task<void> watch_storage();
    /// Whether LocalPath is, as far as known, where the backups were written. Writes nothing.
    task<bool> is_right_storage();
    /// Why the schedule should order no export: the cluster does not start those that it has accepted. Empty if it
    /// does, and for the first minutes.
    std::string why_no_exports() const { return queued_exports_.why_no_exports(); }
    /// Whether the schedule may export the VM of this unfinished job once more: the job's task makes no progress, and
    /// an export that was ordered later has succeeded.
    bool is_superseded(JobId id) const;
    /// Includes what the running exports, except one, will still write.
    core::StorageSpace storage_space(ports::Space const& space, JobId except = 0) const;
    std::string cluster_host() const { return ports_.cluster.host(); }
    ClusterIdentityWatch& identity() { return ports_.identity; }
    OrderGate& gate() { return ports_.gate; }
    /// Who uses a backup now: jobs hold theirs, others take theirs here.
    Leases& leases() { return leases_; }
    Reachability const& cluster_reachability() const { return vms_.reachability(); }
    std::optional<UtcTime> last_success() const { return last_success_; }
    /// After a reload: the next list of VMs comes from the cluster.
    void forget_vms() { vms_.forget(); }
    void use(Limits limits);
    void set_concurrency(std::size_t concurrency) { slots_.set_capacity(concurrency); }

private:
    using LiveJobs = std::map<JobId, std::shared_ptr<LiveJob>>;

    task<Result<core::Job>> enqueue(core::Job job, core::Run* run = nullptr,
                                    std::optional<Leases::Lease> lease = std::nullopt);
    void take_up(std::vector<core::Job> const& unfinished);
    void resume(JobId id, core::Event first);
    task<void> wait_for_start();
    void spawn(std::shared_ptr<LiveJob> live, core::Event first);
    task<void> run(std::shared_ptr<LiveJob> live, core::Event first);
    task<void> run_steps(LiveJob& live, core::Event event);
    void note_commit(core::Job const& before, core::Event const& event, core::Job const& after);
    void forget_old_commits(std::set<std::string> const& others);
    void note_stall(core::Job const& before, core::Job const& after);
    void forget_old_stalls();
    /// What the cluster reports about the task that the job follows.
    void note_task(LiveJob& live, core::TaskReport const& task);
    void note_progress(LiveJob& live);
    void note_asked(LiveJob& live);
    bool may_leave_slot(LiveJob& live, Error const& no_progress);
    /// After a step: takes or releases the job's slot.
    void settle_slot(LiveJob& live, core::Job const& before);
    /// How the exports that do not move affect who gets a slot.
    void update_slots();
    task<Result<void>> wait_for_queued_exports(LiveJob& live);
    /// Marks unfinished exports of the VM that were ordered earlier.
    void supersede_exports(core::Job const& succeeded);
    /// A restore uses its backup until it ends; a new backup is in use from its commit to the end of its hook.
    void lease_backup(LiveJob& live);
    std::string why_not_there_yet(std::string const& name) const;
    task<Result<std::string>> rescued_name(core::Job job, std::string folder);
    task<Result<std::set<JobId>>> unsynced_exports(std::vector<core::Job> unfinished);
    task<Result<void>> doubt_leftovers();
    task<core::Event> next_event(core::Action action, LiveJob& live);
    struct HookEnd;
    task<core::Event> run_pre_backup(LiveJob& live);
    task<void> run_hook(LiveJob& live, HookEnd& end);
    task<void> wait_until_needless(LiveJob& live, std::string command);
    task<Result<core::StorageFacts>> storage_facts();
    core::StorageVerdict judge_storage(core::StorageFacts const& facts);
    task<Result<std::string>> mark_storage();
    task<void> presume_vms(std::vector<core::Backup>& backups);
    task<Result<void>> recall_unanswered(std::vector<core::Backup>& backups);
    task<core::Backup> unfinished_backup(core::Job job);
    /// `refused` if the cluster is still exporting the VM.
    task<Result<void>> check_not_exporting(core::Job job, core::Vm vm);
    /// The estimated size of the export in bytes; `no_space` if it does not fit.
    task<Result<std::uint64_t>> check_space(core::Job job, std::vector<core::Disk> disks);
    /// Removes from the trash what the export needs; `no_space` if that is not enough.
    task<Result<void>> make_room(JobId job, ports::Space space, std::uint64_t need);
    void release_slot(LiveJob& live);
    task<Result<void>> check_before_import(LiveJob& live);
    bool is_check_wanted(LiveJob& live, SteadyTime leaves_slot);
    void report_end(core::Job const& job);
    /// Whether the jobs that were not ordered have a backup nevertheless: an older journal was put back.
    task<std::map<JobId, core::Job>> already_made(std::vector<core::Job> unfinished);
    std::optional<Error> why_unwanted(core::Job const& job, core::Vm const* vm) const;
    task<std::optional<Error>> why_unwanted_now(LiveJob& live);
    void note_tag(core::Job const& job);
    /// Tags of the same cluster only: another one counts its tasks for itself.
    std::vector<TaskTag> tags_of_others(JobId id) const;
    std::optional<Error> claimed_by_other(std::string const& backup, std::string const& vm_name) const;

    Ports ports_;
    ConditionRegistry& conditions_;
    Limits limits_;
    JobRecorder recorder_;
    VmList vms_;
    Leases leases_;
    Slots slots_;
    QueuedExports queued_exports_;
    AbandonedExports abandoned_;
    OnChange on_change_;
    Actions actions_;
    LiveJobs live_;
    std::set<JobId> not_resumed_;       ///< of live_: they do not run yet
    bool is_started_ = false;           ///< start() has ended
    bool is_held_until_start_ = false;  ///< since follow_before_start()
    asio::steady_timer start_ended_;    ///< never expires: an event
    bool stopping_ = false;
    bool marking_storage_ = false;
    unsigned markings_ = 0;  ///< of the storage: increases when a marking starts and when it has finished
    std::string why_not_listed_;
    std::optional<UtcTime> last_success_;
    WhyUnwanted why_unwanted_;
    struct UsedTag {
        TaskTag tag;
        core::ClusterId cluster;
    };
    std::deque<UsedTag> used_tags_;  ///< of finished jobs, the oldest first; as many as the journal's jobs
    TaskGroup group_;
    ImportChecks import_checks_;
    ClusterContact contact_;
};

}  // namespace sb::engine
