// What does not move at the cluster: a task without progress leaves its slot, an export that is not started keeps
// others from being ordered, and neither keeps a restore waiting.
#include "daemon/core/resolve.hpp"
#include "daemon/engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;

namespace {

std::string subject_of(Job const& job) { return "job " + std::to_string(job.id); }

}  // namespace

void Engine::update_slots() {
    std::size_t idle = 0;
    for (auto const& [id, live] : live_)
        if (live->holds_slot && (live->is_stuck || live->is_held || queued_exports_.contains(id))) ++idle;
    slots_.set_idle(idle);
    slots_.hold_exports(queued_exports_.any());
}

void Engine::note_task(LiveJob& live, TaskReport const& task) {
    bool const is_still = live.is_stuck || is_stalled(live.job);
    if (live.job.kind == JobKind::backup) queued_exports_.note(live.job.id, task, is_still);
    if (live.task_state == task.state) return;
    live.task_state = task.state;
    update_slots();
}

void Engine::note_asked(LiveJob& live) {
    queued_exports_.note_asked(live.job.id);
    update_slots();
}

void Engine::note_progress(LiveJob& live) {
    if (live.is_stuck) {
        live.is_stuck = false;
        conditions_.clear(ConditionKind::task_stalled, subject_of(live.job));
        update_slots();
    }
    on_change_(live.job);
}

/// At most as many as there are slots, so that the cluster never has more than twice as many tasks of ours.
bool Engine::may_leave_slot(LiveJob& live, Error const& no_progress) {
    auto const left = std::ranges::count_if(live_, [](auto const& entry) { return is_stalled(entry.second->job); });
    if (static_cast<std::size_t>(left) < slots_.capacity()) return true;
    if (!live.is_stuck) {
        live.is_stuck = true;
        update_slots();
    }
    auto reason = no_progress.context + "; it keeps its slot, because " + std::to_string(left) +
                  " others have left theirs: while all slots are kept, no backup starts";
    // The wait begins again with a restart: what stands since before knows since when.
    for (auto const& standing : conditions_.all())
        if (standing.kind == ConditionKind::task_stalled && standing.subject == subject_of(live.job))
            reason = standing.reason;
    conditions_.raise(ConditionKind::task_stalled, std::move(reason), subject_of(live.job));
    return false;
}

void Engine::note_stall(Job const& before, Job const& after) {
    if (before.phase != Phase::following) return;
    if (is_stalled(after))
        conditions_.raise(ConditionKind::task_stalled, after.error->context + "; it holds no slot", subject_of(after));
    else if (is_stalled(before) || after.phase != Phase::following)
        conditions_.clear(ConditionKind::task_stalled, subject_of(after));
}

/// The job of a recorded condition may be gone with a lost journal. One that kept its slot goes on as before.
void Engine::forget_old_stalls() {
    for (auto const& condition : conditions_.all()) {
        if (condition.kind != ConditionKind::task_stalled) continue;
        auto const found = std::ranges::find_if(live_, [&](auto const& entry) {
            auto const& job = entry.second->job;
            return job.phase == Phase::following && subject_of(job) == condition.subject;
        });
        if (found == live_.end()) conditions_.clear(condition.kind, condition.subject);
        else found->second->is_stuck = !is_stalled(found->second->job);
    }
    update_slots();
    bool const may_be_queued =
        std::ranges::any_of(live_, [](auto const& entry) { return entry.second->job.phase == Phase::following; });
    if (!may_be_queued) conditions_.clear(ConditionKind::exports_not_started);
}

void Engine::settle_slot(LiveJob& live, Job const& before) {
    auto const& job = live.job;
    if (live.holds_slot && !holds_slot(job)) release_slot(live);
    if (!live.holds_slot && is_stalled(before) && holds_slot(job)) {  // the cluster works on it again
        slots_.occupy();
        live.holds_slot = true;
    }
    bool const was_followed = before.phase == Phase::following && job.phase != Phase::following;
    if (was_followed) {
        queued_exports_.forget(job.id);
        live.task_state.reset();
    }
    if (was_followed || is_stalled(job)) live.is_stuck = false;
    if (job.phase != Phase::posting) live.is_held = false;
    if (job.phase != before.phase || job.error != before.error) update_slots();
}

/// With a limit: the job has its slot, and its hook has run.
task<Result<void>> Engine::wait_for_queued_exports(LiveJob& live) {
    constexpr Milliseconds pause = std::chrono::seconds{1};
    auto const limit = ports_.time.steady_now() + limits_.not_started;
    // The caller asks once more why.
    while (queued_exports_.any() && !live.job.cancel_requested && !why_unwanted(live.job, nullptr)) {
        auto const next = ports_.time.steady_now() + pause;
        if (next > limit) {
            Error held{Errc::unavailable, "the cluster does not start exports, so no further one is ordered: " +
                                              queued_exports_.why_held()};
            co_return held;
        }
        live.is_held = true;
        update_slots();
        co_await ports_.time.sleep_until(next);
    }
    if (live.is_held) {
        live.is_held = false;
        update_slots();
    }
    co_return boost::system::in_place_value;
}

void Engine::supersede_exports(Job const& succeeded) {
    if (succeeded.kind != JobKind::backup || succeeded.outcome != Outcome::succeeded) return;
    for (auto const& [id, live] : live_) {
        auto const& job = live->job;
        // By their numbers: the clock may have been wrong when one of them was ordered.
        bool const is_earlier = id < succeeded.id && job.posted;
        if (job.kind == JobKind::backup && job.vm == succeeded.vm && is_earlier) live->is_superseded = true;
    }
}

bool Engine::is_superseded(JobId id) const {
    auto const it = live_.find(id);
    return it != live_.end() && it->second->is_superseded && is_stalled(it->second->job);
}

void Engine::lease_backup(LiveJob& live) {
    auto const& job = live.job;
    bool const is_made =
        job.kind == JobKind::backup &&
        (job.phase == Phase::committing || job.phase == Phase::post_hook || job.outcome == Outcome::succeeded);
    if (!is_made && job.kind != JobKind::restore) return;
    if (live.lease && live.leased == job.backup) return;
    // Nothing if a backup of this name is being deleted: then the new one gets another name.
    live.lease = leases_.share(job.backup);
    live.leased = job.backup;
}

/// Whether the cluster already exports the VM, for this daemon or for another program.
task<Result<void>> Engine::check_not_exporting(Job job, Vm vm) {
    if (!job.scheduled) co_return boost::system::in_place_value;
    auto const is_ended = co_await abandoned_.check(vm);
    if (!is_ended) co_return is_ended.error();
    // An export without a job: the answer to its request was lost, or another program started it.
    bool const has_other_job = std::ranges::any_of(unfinished_jobs(), [&](Job const& other) {
        return other.id != job.id && other.kind == JobKind::backup && other.vm == vm.uuid;
    });
    if (has_other_job || !vm.last_task || !is_export(*vm.last_task) || !is_working(*vm.last_task))
        co_return boost::system::in_place_value;
    auto const tag = vm.last_task->tag;
    auto const report = co_await ports_.cluster.get_task(tag);
    if (!report && is_transient(report.error().code))
        co_return while_doing(report.error(),
                              "checking whether task " + tag.text() + " is still exporting VM " + vm.name);
    bool const is_about_it =
        report && !is_of_other_kind(job, *report) &&
        (report->object_uuid.empty() || report->object_uuid == vm.uuid.text() || !vms_.knows(report->object_uuid));
    if (is_about_it && is_working(*report)) co_return still_exporting(*report, vm);
    co_return boost::system::in_place_value;
}

}  // namespace sb::engine
