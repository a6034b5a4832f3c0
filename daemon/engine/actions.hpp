#pragma once
// Performs a job's actions. Each returns the event for the job's state machine; none decides what comes next.

#include "daemon/async/task.hpp"
#include "daemon/core/poll_interval.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/engine/cluster_identity_watch.hpp"
#include "daemon/engine/leases.hpp"
#include "daemon/engine/limits.hpp"
#include "daemon/engine/login_pause.hpp"
#include "daemon/engine/order_gate.hpp"
#include "daemon/engine/vm_list.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sb::engine {

/// An unfinished job, with what is known about it in memory only. Owned by the engine; the runner and its actions hold
/// it by reference, since a cancellation may be recorded in it at any time.
struct LiveJob {
    core::Job job;
    /// The adapter of the cluster at which it was prepared; empty after a restart, and if there is only one.
    std::shared_ptr<ports::Cluster> cluster;
    std::vector<core::BackupFile> files;       ///< what the inspection found, for the manifest
    std::vector<std::string> vm_tags;          ///< likewise
    std::optional<core::Verified> verified;    ///< likewise
    Milliseconds found_pause{0};               ///< before a task that can be listed, but not read, is followed again
    Milliseconds commit_pause{0};              ///< before the next attempt; 0 = none has been refused
    std::optional<SteadyTime> commit_refused;  ///< since when
    bool has_written = false;                  ///< its manifest, since the last inspection
    bool is_named = false;                     ///< what was inspected has the backup's name already
    bool is_as_inspected = false;              ///< inspected again after a restart, and found the same
    bool holds_slot = false;
    bool is_stuck = false;  ///< its task makes no progress, but it keeps its slot: too many others have left theirs
    bool is_held = false;   ///< everything is prepared; it waits until the cluster starts the exports that it has
    std::optional<Error> withdrawn;             ///< why the schedule no longer wants it, while it waits for its order
    std::optional<UtcTime> hook_since;          ///< when its PreBackup hook was started; empty = it does not run
    bool is_superseded = false;                 ///< an export of the VM that was ordered later has succeeded
    std::optional<core::TaskState> task_state;  ///< as last reported
    std::optional<Leases::Lease> lease;         ///< of the backup that it reads, or has just made
    std::string leased;                         ///< which one that is
    bool may_lack_data = false;                 ///< requested before the machine was restarted (unsynced_exports.cpp)
};

class Actions {
public:
    struct Dependencies {
        ports::Cluster& cluster;
        ports::Catalog& catalog;
        ports::Time& time;
        ports::JobHooks& hooks;
        VmList& vms;
        ClusterIdentityWatch& identity;
        OrderGate& gate;
        /// Tags of tasks that belong to other jobs.
        std::function<std::vector<TaskTag>(JobId)> tags_of_others;
        /// The job's percentage changed.
        std::function<void(LiveJob&)> progressed;
        /// What the cluster reports about the job's task.
        std::function<void(LiveJob&, core::TaskReport const&)> task_seen;
        /// The cluster was asked for the task of a job that is followed; it may not have answered.
        std::function<void(LiveJob&)> task_asked;
        /// The task has made no progress for too long. Whether the job may leave its slot.
        std::function<bool(LiveJob&, Error const&)> may_leave_slot;
        /// Whether LocalPath is still where the backups were written.
        std::function<task<Result<void>>()> check_storage;
        /// The estimated size of an export of these disks in bytes, if it fits.
        std::function<task<Result<std::uint64_t>>(core::Job const&, std::vector<core::Disk> const&)> check_space;
        /// Whether the cluster is not already exporting the VM.
        std::function<task<Result<void>>(core::Job const&, core::Vm const&)> check_not_exporting;
        /// Why the schedule no longer wants it; nothing = it does.
        std::function<std::optional<Error>(core::Job const&, core::Vm const&)> why_unwanted;
        /// Of the job's backup, before it is imported. The job may leave its slot while this waits for LocalPath; it
        /// has one again when this returns success, or is forced. `cancelled` if the job was.
        std::function<task<Result<void>>(LiveJob&)> check_structure;
    };

    Actions(Dependencies dependencies, Limits limits) : dependencies_(std::move(dependencies)), limits_(limits) {}

    /// Applies to waits that start from now on.
    void use(Limits limits) { limits_ = limits; }

    task<core::Event> perform(core::Action action, LiveJob& live);

private:
    task<core::Event> prepare_backup(LiveJob& live);
    task<core::Event> prepare_restore(LiveJob& live);
    task<Result<void>> check_structure(LiveJob& live);
    task<Result<void>> can_write();
    task<core::Event> run_hook(LiveJob& live, HookKind kind);
    task<core::Event> post_export(LiveJob& live);
    task<core::Event> post_import(LiveJob& live);
    task<core::Event> resolve(LiveJob& live);
    struct TaskSearch {
        std::optional<core::Event> found;
        std::vector<core::TaskReport> possible;  ///< exports that may be the job's; only its folder can show it
        bool is_complete = false;                ///< there are no others: the list of tasks has all of them
        std::string unanswered;  ///< why the cluster did not answer; empty: it answered, also if nothing was found
    };
    task<TaskSearch> search(LiveJob& live);
    task<TaskSearch> search_task(LiveJob& live);
    /// How long the search must show nothing before that counts.
    Milliseconds search_limit(core::Job const& job, bool is_any_possible) const;
    /// Why the cluster is not asked now: it refuses the login, and the pause after that has not ended.
    std::optional<Error> refused_login(LiveJob& live);
    /// What the job's cluster answered, for these pauses.
    template <class T>
    void note_login(LiveJob const& live, Result<T> const& answer) {
        if (is_at_present_cluster(live)) return dependencies_.vms.note_login(answer);
        auto& pause = login_elsewhere(live);
        if (answer) pause.note_accepted();
        else if (answer.error().code == Errc::credentials_refused)
            pause.note_refused(answer.error(), dependencies_.time.steady_now());
        else if (is_transient(answer.error().code)) pause.try_again();  // it did not answer
    }
    LoginPause& login_elsewhere(LiveJob const& live);
    /// What no task reports: the folder, or (restore) the VM with the new name.
    task<Result<ports::FolderStats>> traces_of(LiveJob& live);
    /// Nothing if the VMs that would say so cannot be listed.
    task<std::optional<bool>> is_of_other(LiveJob& live, core::TaskReport report);
    ports::Cluster& cluster_of(LiveJob& live);
    bool is_at_present_cluster(LiveJob const& live) const;
    /// The VMs of the job's cluster.
    task<Result<ports::Vms>> vms_of(LiveJob& live, Milliseconds max_age);
    task<core::ClusterId> join_cluster(LiveJob& live);
    /// Why its task cannot be followed: it is at a cluster that is no longer configured.
    task<std::optional<Error>> why_out_of_reach(LiveJob& live);
    task<core::Event> follow(LiveJob& live);
    /// Without a task: whether what it made shows that it has ended.
    task<bool> proves_the_end(LiveJob& live);
    /// How long what the cluster wrote may take to appear in LocalPath.
    task<Milliseconds> time_to_appear(Errc missing);
    task<core::Event> inspect_backup(LiveJob& live);
    task<std::string> folder_to_inspect(LiveJob& live);
    task<core::Event> inspect_restore(LiveJob& live);
    task<std::string> difference_of(LiveJob& live, core::Vm vm);
    task<std::optional<Error>> why_not_restored(LiveJob& live, ports::Vms vms);
    task<core::Event> commit(LiveJob& live);
    task<core::Event> named(LiveJob& live, std::string name);
    task<std::string> proof_of_backup(std::string name);
    task<core::Event> commit_refused(LiveJob& live, Error error);
    task<Result<void>> write_manifest(LiveJob& live);
    task<Result<bool>> has_manifest(core::Job job);
    task<Result<bool>> has_own_manifest(core::Job job);
    task<bool> is_as_inspected(core::Job job);
    task<core::Event> discard(LiveJob& live);
    task<void> sleep(Milliseconds length);

    Dependencies dependencies_;
    Limits limits_;
    /// Of clusters that are no longer configured and at which jobs still run.
    std::map<std::weak_ptr<ports::Cluster>, LoginPause, std::owner_less<>> logins_elsewhere_;
};

}  // namespace sb::engine
