#pragma once
// The jobs: takes orders, runs each one independently of the others, and takes up after a restart what
// the journal says is unfinished. It decides nothing itself: core::step() does.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/task_group.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/storage_space.hpp"
#include "daemon/engine/actions.hpp"
#include "daemon/engine/limits.hpp"
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
};

struct Cancelled {
    core::Job job;
    std::string note;  ///< in words, what will happen now
};

class Engine {
public:
    /// Told of every change of a job, its end included.
    using OnChange = std::function<void(core::Job const&)>;

    Engine(asio::any_io_executor executor, Ports ports, std::size_t concurrency, Limits limits, OnChange on_change);

    /// Takes up the jobs that the last run of the daemon left unfinished.
    task<Result<void>> start();
    /// Jobs stop where they are; what runs at the cluster goes on there and is adopted at the next start.
    void stop() { group_.stop(); }
    task<void> join() { return group_.join(); }

    /// `vm` is a name or a uuid. What can be refused is refused here; the job is queued when this returns.
    task<Result<core::Job>> submit_backup(std::string vm, std::string backup);
    /// `force`: also of a damaged backup.
    task<Result<core::Job>> submit_restore(std::string backup, std::string vm_name, bool force = false);
    /// For the scheduler: the VM and the folder's name are its own choice.
    task<Result<core::Job>> submit_scheduled(core::Vm vm, std::string backup);
    task<Result<Cancelled>> cancel(JobId id);

    task<Result<ports::Vms>> list_vms(Milliseconds max_age = std::chrono::seconds{1}) { return vms_.get(max_age); }
    /// All that the cluster still knows.
    task<Result<std::vector<core::TaskReport>>> list_tasks() { return ports_.cluster.list_tasks(); }
    /// Folders of running exports are marked as such.
    task<Result<std::vector<core::Backup>>> list_backups();
    /// Queued and running jobs, then the newest `limit` finished ones; newest first.
    task<Result<std::vector<core::Job>>> list_jobs(std::size_t limit);
    task<Result<core::Job>> find_job(JobId id);

    std::vector<core::Job> unfinished_jobs() const;
    /// Writes a job into the journal. If that fails it is kept, listed and tried again, so this does not fail.
    task<void> record(core::Job job);
    /// `refused` if LocalPath is not the place that it was. Marks a new one, so that it is known again.
    task<Result<void>> check_storage();
    /// With what the running exports, but for one, will still write.
    core::StorageSpace room(ports::Space const& space, JobId except = 0) const;
    Reachability const& cluster_reachability() const { return vms_.reachability(); }
    std::optional<UtcTime> last_success() const { return last_success_; }
    /// After a reload: the next list of VMs is a fresh one.
    void forget_vms() { vms_.forget(); }
    void use(Limits limits) { actions_.use(limits); }
    void set_concurrency(std::size_t concurrency) { slots_.set_capacity(concurrency); }

private:
    using LiveJobs = std::map<JobId, std::shared_ptr<LiveJob>>;

    task<Result<core::Job>> enqueue(core::Job job);
    void spawn(std::shared_ptr<LiveJob> live, core::Event first);
    task<void> run(std::shared_ptr<LiveJob> live, core::Event first);
    task<void> go_through(LiveJob& live, core::Event event);
    task<Result<std::set<JobId>>> unsynced_exports(std::vector<core::Job> unfinished);
    task<core::Event> next_event(core::Action action, LiveJob& live);
    task<void> record_later();
    task<void> presume_vms(std::vector<core::Backup>& backups);
    /// What a finished job means for the next export of its VM.
    void note_end(core::Job const& job);
    /// `refused` if the cluster still exports the VM.
    task<Result<void>> check_no_export_goes_on(core::Job job, core::Vm vm);
    /// What the export is expected to take, bytes; `no_space` if that does not fit.
    task<Result<std::uint64_t>> check_room(core::Job job, std::vector<core::Disk> disks);
    void give_slot_back(LiveJob& live);
    std::vector<TaskTag> tags_of_others(JobId id) const;
    std::optional<Error> claimed_by_other(std::string const& backup, std::string const& vm_name) const;

    Ports ports_;
    VmList vms_;
    Slots slots_;
    OnChange on_change_;
    Actions actions_;
    LiveJobs live_;
    /// Jobs whose last change the journal could not take (a full disk): shown from here, and tried again.
    std::map<JobId, core::Job> unrecorded_;
    /// Tasks of lost exports that may go on, by VM.
    std::map<VmUuid, std::set<TaskTag>> abandoned_;
    bool records_later_ = false;
    bool marking_storage_ = false;
    unsigned markings_ = 0;  ///< of the storage: goes up when one begins and when it has ended
    std::optional<UtcTime> last_success_;
    TaskGroup group_;
};

}  // namespace sb::engine
