// Runs one job: asks the state machine, records its answer, performs the action, reports the event.
#include "daemon/async/failure.hpp"
#include "daemon/engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <boost/system/system_error.hpp>

#include <algorithm>

namespace sb::engine {

using namespace core;

void Engine::spawn(std::shared_ptr<LiveJob> live, Event first) {
    live_[live->job.id] = live;
    group_.spawn(run(std::move(live), std::move(first)));
}

void Engine::release_slot(LiveJob& live) {
    if (live.holds_slot) slots_.release();
    live.holds_slot = false;
}

bool Engine::has_left_slot(JobId id) const {
    auto const it = live_.find(id);
    return it != live_.end() && it->second->job.phase == Phase::preparing && !it->second->holds_slot;
}

/// A read of LocalPath may hang for hours, and with Concurrency such restores no other job would start.
bool Engine::is_check_wanted(LiveJob& live, SteadyTime leaves_slot) {
    if (live.job.cancel_requested) return false;
    if (!live.holds_slot || ports_.time.steady_now() < leaves_slot) return true;
    spdlog::warn(
        "job {}: LocalPath is slow: the check of backup '{}' before its import takes long; meanwhile its slot "
        "is free for others",
        live.job.id, live.job.backup);
    release_slot(live);
    update_slots();
    on_change_(live.job);
    return true;
}

task<Result<void>> Engine::check_before_import(LiveJob& live) {
    constexpr Milliseconds patience = std::chrono::seconds{30};
    Error const cancelled{Errc::cancelled, "the job was cancelled"};
    auto const leaves_slot = ports_.time.steady_now() + patience;
    auto is_wanted = [this, &live, leaves_slot] { return is_check_wanted(live, leaves_slot); };
    auto backup = live.job.backup;
    auto const checked = co_await import_checks_.run(std::move(backup), std::move(is_wanted));
    if (!checked || live.job.cancel_requested) co_return cancelled;
    bool const goes_on = checked->has_value() || live.job.forced;
    auto const id = live.job.id;
    if (goes_on && !live.holds_slot)
        live.holds_slot = co_await slots_.acquire(id, JobKind::restore, Slots::Place::first);
    if (goes_on && !live.holds_slot) co_return cancelled;
    if (!goes_on) co_return with_commands(checked->error(), live.job.backup, live.job.vm_name);
    co_return *checked;
}

/// A scheduled job may have waited for hours for its slot, its hook, or the cluster.
std::optional<Error> Engine::why_unwanted(Job const& job, Vm const* vm) const {
    if (!job.scheduled || job.kind != JobKind::backup || !why_unwanted_) return std::nullopt;
    return why_unwanted_(vm);
}

namespace {

Vm const* find_by_uuid(std::vector<Vm> const& vms, VmUuid const& uuid) {
    auto const found = std::ranges::find(vms, uuid, &Vm::uuid);
    return found == vms.end() ? nullptr : &*found;
}

}  // namespace

/// Directly before the order: the VM's tag may have been removed while the job's hook ran.
task<std::optional<Error>> Engine::why_unwanted_now(LiveJob& live) {
    auto unwanted = why_unwanted(live.job, nullptr);
    bool const is_elsewhere = live.cluster && live.cluster != ports_.cluster.present();
    if (unwanted || !live.job.scheduled || is_elsewhere) co_return unwanted;
    auto const vms = co_await vms_.get(limits_.vm_list_age);
    // Who cannot list the VMs cannot order either.
    Vm const* vm = nullptr;
    if (vms) vm = find_by_uuid(*vms, live.job.vm);
    co_return why_unwanted(live.job, vm);
}

void Engine::withdraw_unwanted(std::vector<Vm> const& vms) {
    for (auto const& [id, live] : live_) {
        bool const is_waiting = live->job.phase == Phase::queued || live->job.phase == Phase::pre_hook;
        if (!is_waiting || live->withdrawn) continue;
        live->withdrawn = why_unwanted(live->job, find_by_uuid(vms, live->job.vm));
        if (live->withdrawn) slots_.withdraw(id);
    }
}

bool Engine::is_withdrawn(JobId id) const {
    auto const it = live_.find(id);
    return it != live_.end() && it->second->withdrawn;
}

task<Event> Engine::next_event(Action action, LiveJob& live) {
    if (is_held_until_start_ && action != Action::poll) co_await wait_for_start();
    if (action == Action::wait_for_slot) {
        auto const id = live.job.id;
        auto const kind = live.job.kind;
        if (!live.withdrawn) live.holds_slot = co_await slots_.acquire(id, kind);
        if (live.withdrawn) co_return Withdrawn{live.withdrawn};
        if (!live.holds_slot) co_return CancelRequested{};
        live.withdrawn = why_unwanted(live.job, nullptr);
        if (live.withdrawn) co_return Withdrawn{live.withdrawn};
        co_return SlotFree{};
    }
    if (action == Action::run_pre_hook && live.job.kind == JobKind::backup) co_return co_await run_pre_backup(live);
    if (action == Action::post) {
        if (live.job.kind == JobKind::backup) {
            auto const may_order = co_await wait_for_queued_exports(live);
            if (!may_order) co_return Failed{may_order.error()};
            auto unwanted = co_await why_unwanted_now(live);
            if (unwanted || live.job.cancel_requested) co_return Withdrawn{std::move(unwanted)};
        }
        // No intent on disk, no POST: after a crash the export would be unknown.
        auto refused = co_await recorder_.record_intent(live.job);
        if (refused) co_return std::move(*refused);
    }
    co_return co_await actions_.perform(action, live);
}

namespace {

/// What an internal error means for the job: after the POST a task may be running at the cluster.
Event failure_in(Phase phase, Error error) {
    if (phase == Phase::posting) return PostLost{std::move(error)};
    if (phase == Phase::following) return PollingFailed{std::move(error)};
    return Failed{std::move(error)};
}

}  // namespace

/// A complete export without its name is a condition, also when the daemon is restarted meanwhile.
void Engine::note_commit(Job const& before, Event const& event, Job const& after) {
    if (before.phase != Phase::committing) return;
    auto const* refused = std::get_if<CommitRefused>(&event);
    if (after.phase != Phase::committing) conditions_.clear(ConditionKind::commit_waiting, before.backup);
    else if (refused != nullptr)
        conditions_.raise(ConditionKind::commit_waiting, refused->error.context, before.backup);
}

task<void> Engine::run(std::shared_ptr<LiveJob> live, Event first) {
    std::exception_ptr stopped;
    try {
        co_await run_steps(*live, std::move(first));
    } catch (...) {
        stopped = std::current_exception();  // the daemon stops, or an internal error: the journal has the phase
    }
    // In any case the job must not hold a slot, or stay in the list, forever.
    release_slot(*live);
    live_.erase(live->job.id);
    // When the daemon stops, nothing is known to have ended.
    if (!stopping_) {
        queued_exports_.forget(live->job.id);
        update_slots();
    }
    if (stopped) std::rethrow_exception(stopped);
}

void Engine::report_end(Job const& job) {
    abandoned_.note(job, live_.empty() ? job.id : std::max(job.id, live_.rbegin()->first));
    note_tag(job);
    supersede_exports(job);
    if (job.outcome == Outcome::succeeded) {
        if (job.kind == JobKind::backup) last_success_ = job.finished;
        spdlog::info("job {}: {} of {} succeeded", job.id, name_of(job.kind), job.vm_name);
    } else if (job.outcome == Outcome::cancelled) {
        spdlog::info("job {}: {} of {} was {}{}", job.id, name_of(job.kind), job.vm_name,
                     core::is_withdrawn(job) ? "withdrawn" : "cancelled", job.error ? ": " + job.error->context : "");
    } else {
        spdlog::error("job {}: {} of {}: {}: {}", job.id, name_of(job.kind), job.vm_name, name_of(job.outcome),
                      job.error ? job.error->context : std::string("no reason known"));
    }
}

task<void> Engine::run_steps(LiveJob& live, Event event) {
    auto& job = live.job;
    // A task that is already running at the cluster uses a slot there, whatever our count is.
    if (std::holds_alternative<Restarted>(event) && holds_slot(job) && job.phase != Phase::preparing &&
        job.phase != Phase::pre_hook) {
        slots_.occupy();
        live.holds_slot = true;
    }
    for (;;) {
        auto const before = job;
        auto const advanced = step(job, event, ports_.time.now());
        job = advanced.job;
        settle_slot(live, before);
        lease_backup(live);
        note_commit(before, event, job);
        note_stall(before, job);
        // A refused commit changes only the error.
        if (job.phase != before.phase || job.error != before.error) {
            spdlog::debug("job {}: {} -> {}", job.id, name_of(before.phase), name_of(job.phase));
            // The intent to post is recorded in next_event, where a failure can still stop it.
            if (advanced.next != Action::post) co_await recorder_.record(job);
            on_change_(job);
        }
        if (advanced.next == Action::finish) break;
        if (advanced.next == Action::none) {  // an action returned an event that does not apply to its phase
            event = failure_in(job.phase,
                               Error{Errc::internal, "no transition from phase " + std::string(name_of(job.phase))});
            continue;
        }

        try {
            event = co_await next_event(advanced.next, live);
        } catch (std::exception const& e) {
            if (is_stop(e)) throw;
            event = failure_in(job.phase, internal_error(e.what()));
        }
    }
    report_end(job);
}

}  // namespace sb::engine
