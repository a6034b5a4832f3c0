#include "daemon/engine/engine.hpp"

#include "common/text/case_key.hpp"
#include "daemon/async/failure.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <unordered_set>

namespace sb::engine {

using namespace core;

namespace {

constexpr Milliseconds recent_enough = std::chrono::seconds(3);

void report_crash(std::exception_ptr failure) {
    spdlog::error("a job failed: {}", internal_error(exception_text(failure)).context);
}

}  // namespace

Engine::Engine(asio::any_io_executor executor, Ports ports, ConditionRegistry& conditions, std::size_t concurrency,
               Limits limits, OnChange on_change)
    : ports_(ports),
      conditions_(conditions),
      limits_(limits),
      recorder_(executor, ports.journal, ports.time, conditions),
      vms_(executor, ports.cluster, ports.time, conditions),
      slots_(executor, concurrency),
      queued_exports_(ports.time, conditions, limits_),
      abandoned_(executor, {ports.cluster, ports.catalog, ports.time, ports.identity, vms_, queued_exports_, limits_,
                            [this] { update_slots(); }}),
      on_change_(std::move(on_change)),
      actions_({ports.cluster, ports.catalog, ports.time, ports.hooks, vms_, ports.identity, ports.gate,
                [this](JobId id) { return tags_of_others(id); }, [this](LiveJob& live) { note_progress(live); },
                [this](LiveJob& live, TaskReport const& task) { note_task(live, task); },
                [this](LiveJob& live) { note_asked(live); },
                [this](LiveJob& live, Error const& error) { return may_leave_slot(live, error); },
                [this] { return check_storage(); },
                [this](Job const& job, std::vector<Disk> const& disks) { return check_space(job, disks); },
                [this](Job const& job, Vm const& vm) { return check_not_exporting(job, vm); },
                [this](Job const& job, Vm const& vm) { return why_unwanted(job, &vm); },
                [this](LiveJob& live) { return check_before_import(live); }},
               limits),
      start_ended_(executor, asio::steady_timer::time_point::max()),
      group_(executor, report_crash),
      import_checks_(executor, ports.time, group_, ports.check_structure),
      contact_({executor, vms_, ports.identity, ports.gate, ports.time, group_}) {}

void Engine::use(Limits limits) {
    limits_ = limits;
    actions_.use(limits);
}

void Engine::stop() {
    stopping_ = true;
    group_.stop();
    abandoned_.stop();
    recorder_.stop();
}

task<void> Engine::join() {
    co_await group_.join();
    co_await abandoned_.join();
    co_await recorder_.join();
}

std::optional<Error> Engine::claimed_by_other(std::string const& backup, std::string const& vm_name) const {
    for (auto const& [id, live] : live_) {
        auto const& job = live->job;
        auto const owner = "job " + std::to_string(id);
        if (job.kind == JobKind::backup && case_key(job.backup) == case_key(backup))
            return Error{Errc::name_in_use, owner + " is writing a backup named '" + backup + "'"};
        if (job.kind == JobKind::restore && !vm_name.empty() && job.vm_name == vm_name)
            return Error{Errc::name_in_use, owner + " is restoring a VM named '" + vm_name + "'"};
    }
    return std::nullopt;
}

namespace {

Error order_without_client() {
    return {Errc::refused, "the client ended before the order could be accepted, so nothing was ordered"};
}

}  // namespace

task<Result<Job>> Engine::submit_backup(std::string vm, std::string backup, std::function<bool()> is_gone) {
    auto const name_is_free = co_await ports_.catalog.check_new_name(backup);
    if (!name_is_free) co_return name_is_free.error();
    auto vms = co_await vms_.get(recent_enough);
    if (!vms) co_return vms.error();
    auto found = find_vm(*vms, vm);
    if (!found) {  // the VM or its name may be newer than the list
        vms = co_await vms_.fresh();
        if (!vms) co_return vms.error();
        found = find_vm(*vms, vm);
    }
    if (!found) co_return found.error();
    auto const may_order = co_await ports_.gate.check();
    if (!may_order) co_return may_order.error();
    if (auto claimed = claimed_by_other(backup, {})) co_return *claimed;
    if (is_gone && is_gone()) co_return order_without_client();

    Job job;
    job.kind = JobKind::backup;
    job.vm = found->uuid;
    job.vm_name = found->name;
    job.backup = std::move(backup);
    co_return co_await enqueue(std::move(job));
}

task<Result<Job>> Engine::submit_scheduled(Vm vm, std::string backup, Run& run) {
    if (auto claimed = claimed_by_other(backup, std::string())) co_return *claimed;
    Job job;
    job.kind = JobKind::backup;
    job.vm = vm.uuid;
    job.vm_name = vm.name;
    job.backup = std::move(backup);
    job.scheduled = true;
    co_return co_await enqueue(std::move(job), &run);
}

task<Result<Job>> Engine::submit_restore(std::string backup, std::string vm_name, bool force,
                                         std::function<bool()> is_gone) {
    if (vm_name.empty()) co_return Error{Errc::invalid_name, "the new VM needs a name"};
    auto lease = leases_.share(backup);
    if (!lease) co_return Error{Errc::refused, "backup '" + backup + "' is being deleted, so it cannot be restored"};
    auto const found = co_await ports_.catalog.find(backup);
    // Why there is no such backup yet, if a job is writing it.
    auto const claimed = claimed_by_other(found ? std::string() : backup, vm_name);
    if (claimed) co_return *claimed;
    if (!found) co_return found.error();
    bool const is_damaged = found->state == BackupState::damaged && found->manifest;
    bool const forced = force && (is_damaged || found->state == BackupState::complete);
    if (forced && is_damaged)
        spdlog::warn("backup '{}' is damaged; restoring it anyway, as requested: {}", backup, found->problem);
    if (found->state != BackupState::complete && !forced) {
        auto const code = found->state == BackupState::damaged ? Errc::damaged_backup : Errc::incomplete_backup;
        co_return Error{code,
                        "backup '" + backup + "' is " + std::string(name_of(found->state)) + ": " + found->problem};
    }
    auto const vms = co_await vms_.fresh();
    if (!vms) co_return vms.error();
    if (std::ranges::any_of(*vms, [&](Vm const& vm) { return vm.name == vm_name; }))
        co_return Error{Errc::name_in_use, "the cluster already has a VM named '" + vm_name + "'; choose another name"};
    auto const may_order = co_await ports_.gate.check_restore();
    if (!may_order) co_return may_order.error();
    co_await ports_.identity.check(recent_enough);
    if (is_gone && is_gone()) co_return order_without_client();

    Job job;
    job.kind = JobKind::restore;
    // After a disaster, all may be such ones.
    if (found->is_claim)
        job.warnings.push_back(
            "the journal does not know this backup: it was brought back or copied here, or is not what it seems. Check "
            "what the new VM contains before it is used");
    // The disaster case, so it is no reason to refuse.
    if (found->manifest && ports_.identity.origin_of(cluster_of(*found->manifest)) == ClusterOrigin::other)
        job.warnings.push_back("the backup is of another cluster, " + cluster_text(cluster_of(*found->manifest)));
    job.forced = forced;
    job.vm_name = std::move(vm_name);
    job.backup = std::move(backup);
    if (found->manifest) job.definition_file = found->manifest->definition_file;
    co_return co_await enqueue(std::move(job), nullptr, std::move(lease));
}

task<Result<Job>> Engine::enqueue(Job job, Run* run, std::optional<Leases::Lease> lease) {
    job.queued = ports_.time.now();
    Result<void> added = boost::system::in_place_value;
    if (run != nullptr) added = co_await recorder_.add(job, *run);
    else added = co_await recorder_.add(job);
    if (!added) co_return while_doing(added.error(), "recording the job");
    // While the journal wrote, another request may have claimed the same name.
    if (auto claimed = claimed_by_other(job.kind == JobKind::backup ? job.backup : std::string{},
                                        job.kind == JobKind::restore ? job.vm_name : std::string{})) {
        auto const failed = step(job, Failed{*claimed}, ports_.time.now());
        co_await recorder_.record(failed.job);
        co_return *claimed;
    }
    auto live = std::make_shared<LiveJob>();
    live->job = job;
    if (lease) live->leased = job.backup;
    live->lease = std::move(lease);
    spdlog::info("job {}: {} of {} queued", job.id, name_of(job.kind),
                 job.kind == JobKind::backup ? job.vm_name + " as '" + job.backup + "'"
                                             : "'" + job.backup + "' as " + job.vm_name);
    on_change_(job);
    spawn(std::move(live), Restarted{});  // for a queued job this means: wait for a slot
    co_return job;
}

task<Result<Cancelled>> Engine::cancel(JobId id) {
    auto const it = live_.find(id);
    if (it == live_.end()) {
        auto const ended = co_await find_job(id);
        if (!ended) co_return ended.error();
        co_return Error{Errc::refused, "job " + std::to_string(id) + " has already finished (" +
                                           std::string(name_of(ended->outcome)) + ")"};
    }
    auto const live = it->second;
    for (;;) {
        auto const before = live->job.phase;
        bool const was_queued = before == Phase::queued;
        if (!was_queued && live->job.kind == JobKind::restore && before != Phase::preparing)
            co_return Error{Errc::refused, "the cluster cannot stop an import; when job " + std::to_string(id) +
                                               " has finished, delete VM '" + live->job.vm_name + "' at the cluster"};
        auto const cancelled = step(live->job, CancelRequested{}, ports_.time.now()).job;
        if (!cancelled.cancel_requested)
            co_return Error{Errc::refused, "job " + std::to_string(id) + " is " + std::string(name_of(before)) +
                                               " and can no longer be cancelled"};
        auto record = cancelled;
        if (live->is_held) {  // nothing has been sent yet
            record.phase = Phase::preparing;
            record.posted.reset();
        }
        auto const recorded = co_await recorder_.record_now(std::move(record));
        if (!recorded) {
            recorder_.record_later(live->job);
            co_return cancellation_not_recorded(id, recorded.error());
        }
        if (live->job.phase != before) continue;  // the record of its new phase does not have the cancellation
        live->job.cancel_requested = true;
        if (before == Phase::pre_hook) {
            on_change_(live->job);
            auto note =
                "Cancelling job " + std::to_string(id) + ": its PreBackup hook is stopped; nothing is exported.";
            co_return Cancelled{live->job, std::move(note)};
        }
        if (was_queued) {
            slots_.withdraw(id);
            if (not_resumed_.contains(id)) resume(id, CancelRequested{});
            auto note = "Job " + std::to_string(id) + " cancelled; it had not started.";
            co_return Cancelled{live->job, std::move(note)};
        }
        on_change_(live->job);
        if (live->job.kind == JobKind::restore) {  // it is being prepared
            slots_.withdraw(id);
            auto note = "Cancelling job " + std::to_string(id) + ": nothing was sent to the cluster.";
            co_return Cancelled{live->job, std::move(note)};
        }
        auto note = "Cancelling job " + std::to_string(id) +
                    ". The cluster cannot stop an export: it runs to the end and is then deleted.";
        co_return Cancelled{live->job, std::move(note)};
    }
}

task<Result<std::vector<Job>>> Engine::list_jobs(std::size_t limit) {
    auto ended = co_await ports_.journal.recent(limit);
    if (!ended) co_return ended;
    auto jobs = unfinished_jobs();
    for (auto const& job : recorder_.finished_jobs())
        if (!live_.contains(job.id)) jobs.push_back(job);
    // A job that finished while the journal was read is in both.
    std::unordered_set<JobId> known;
    for (auto const& job : jobs) known.insert(job.id);
    for (auto& job : *ended)
        if (!known.contains(job.id)) jobs.push_back(std::move(job));
    std::ranges::sort(jobs, std::ranges::greater{}, &Job::id);
    co_return jobs;
}

task<Result<Job>> Engine::find_job(JobId id) {
    if (auto const it = live_.find(id); it != live_.end()) co_return it->second->job;
    if (auto const waiting = recorder_.find(id)) co_return *waiting;
    co_return co_await ports_.journal.find(id);
}

std::vector<Job> Engine::unfinished_jobs() const {
    std::vector<Job> jobs;
    for (auto const& [id, live] : live_) jobs.push_back(live->job);
    return jobs;
}

Engine::JobCounts Engine::count_jobs() const {
    JobCounts counts;
    for (auto const& [id, live] : live_) ++(live->job.phase == Phase::queued ? counts.queued : counts.running);
    return counts;
}

std::vector<TaskTag> Engine::tags_of_others(JobId id) const {
    std::vector<TaskTag> tags;
    auto const asking = live_.find(id);
    if (asking == live_.end()) return tags;
    auto const& cluster = asking->second->job.cluster;
    for (auto const& [other, live] : live_)
        if (other != id && !live->job.tag.empty() && may_be_same(cluster, live->job.cluster))
            tags.push_back(live->job.tag);
    for (auto const& used : used_tags_)
        if (may_be_same(cluster, used.cluster)) tags.push_back(used.tag);
    return tags;
}

void Engine::note_tag(Job const& job) {
    if (job.tag.empty() || job.outcome == Outcome::none) return;
    used_tags_.push_back({job.tag, job.cluster});
    if (used_tags_.size() > ports::journal_depth) used_tags_.pop_front();
}

}  // namespace sb::engine
