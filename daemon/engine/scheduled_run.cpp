// One run, from its PreSchedule hook to its PostSchedule hook. Each phase is recorded before it starts, so that a
// restarted daemon continues where it was.
#include "common/text/case_key.hpp"
#include "daemon/engine/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

/// A restarted run finds the problems of its jobs again.
void note_problem(Run& run, std::string problem) {
    if (std::ranges::find(run.problems, problem) == run.problems.end()) run.problems.push_back(std::move(problem));
}

}  // namespace

task<void> Scheduler::save(Run& run) {
    co_await dependencies_.engine.recorder().record_run(run);
    current_ = run;
}

task<void> Scheduler::follow_run(Run run) {
    current_ = run;
    if (run.phase == RunPhase::pre_hook) {
        co_await run_schedule_hook(run, HookKind::pre_schedule);
        run.phase = RunPhase::exporting;
        co_await save(run);
    }
    if (run.phase == RunPhase::exporting) {
        co_await export_all(run);
        run.phase = RunPhase::delayed_hooks;
        co_await save(run);
    }
    std::vector<Job> failed;
    co_await count_results(run, failed);
    if (run.phase == RunPhase::delayed_hooks) {
        co_await run_delayed_hooks(run);
        run.phase = RunPhase::clean_up;
        co_await save(run);
    }
    if (run.phase == RunPhase::clean_up) {
        bool const right_place = co_await clean_up(run);
        if (right_place) co_await clean_up_leftovers(run);
        run.phase = RunPhase::post_hook;
        co_await save(run);
    }
    if (run.phase == RunPhase::post_hook) co_await run_schedule_hook(run, HookKind::post_schedule);
    run.phase = RunPhase::finished;
    run.finished = dependencies_.time.now();
    co_await save(run);
    spdlog::info("run {}: {} succeeded, {} failed, {} backups deleted", run.id, run.succeeded, run.failed,
                 run.deleted.size());
    dependencies_.alerts.run_ended(run, failed);
    recovering_ = false;
    current_.reset();
}

task<void> Scheduler::run_schedule_hook(Run& run, HookKind kind) {
    if (!dependencies_.hooks.is_set(kind)) co_return;
    ports::HookVariables none;
    auto const problem = co_await dependencies_.hooks.run(kind, std::move(none));
    if (!problem.empty()) run.problems.push_back(problem);
}

namespace {

/// Whether a VM of this run failed and may be tried again before the window closes.
bool retries_ahead(Plan const& plan) {
    return plan.window_open && std::ranges::any_of(plan.skipped, [&](Skipped const& skipped) {
               return skipped.reason == Skip::backing_off && skipped.until &&
                      (!plan.closes || *skipped.until < *plan.closes);
           });
}

/// The maximum length of a run in a window that never closes: it then cleans up and reports its failures.
constexpr auto max_run_length = 12h;

bool has_free_slot(Plan const& plan, ScheduleSnapshot const& snapshot, Settings const& settings) {
    return snapshot.in_progress.size() + plan.start.size() < static_cast<std::size_t>(std::max(settings.slots, 0));
}

bool waits_for_a_slot(Plan const& plan) {
    return plan.window_open &&
           std::ranges::any_of(plan.skipped, [](Skipped const& s) { return s.reason == Skip::no_free_slot; });
}

}  // namespace

task<void> Scheduler::export_all(Run& run) {
    for (;;) {
        ScheduleSnapshot snapshot;
        auto plan = co_await plan_now(snapshot);
        // VMs that are due then start the next run.
        bool const long_enough =
            plan.window_open && !plan.closes && dependencies_.time.now() - run.started >= max_run_length;
        if (long_enough) plan.start.clear();
        bool all_started = true;
        if (!plan.start.empty()) all_started = co_await start_exports(run, plan, snapshot);
        auto const jobs = dependencies_.engine.unfinished_jobs();
        bool const exporting = std::ranges::any_of(
            jobs, [&](Job const& job) { return job.scheduled && !dependencies_.engine.is_held_up(job.id); });
        bool const more_to_come = !plan.start.empty() || waits_for_a_slot(plan) || (retries_ahead(plan) && !paused_);
        if (!exporting && (!more_to_come || long_enough)) {
            // Whether other VMs are due is not known.
            if (plan.window_open && snapshot.cluster_error)
                run.problems.push_back("the run ended early: " + snapshot.cluster_error->context);
            co_return;
        }
        auto next_check = plan.wake_at;
        auto const at_the_latest = dependencies_.time.now() + (all_started ? check_every : after_refusal);
        // While all slots are in use, no export could start.
        bool const check_soon = !all_started || has_free_slot(plan, snapshot, settings_now(snapshot));
        if (check_soon) next_check = std::min(next_check.value_or(at_the_latest), at_the_latest);
        co_await wake_up_.wait_until(next_check);
    }
}

std::string Scheduler::folder_name_for(Vm const& vm) const {
    auto const civil = std::chrono::floor<std::chrono::seconds>(to_civil(dependencies_.time.now(), dependencies_.zone));
    auto const day = std::chrono::floor<std::chrono::days>(civil);
    std::chrono::year_month_day const date{day};
    std::chrono::hh_mm_ss const clock{civil - day};
    auto const stamp = fmt::format("{:04}-{:02}-{:02}_{:02}-{:02}-{:02} ", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    return dependencies_.safe_folder_name(stamp + vm.name);
}

task<bool> Scheduler::start_exports(Run& run, Plan const& plan, ScheduleSnapshot const& snapshot) {
    bool all_started = true;
    for (auto const& uuid : plan.start) {
        auto const vm = std::ranges::find(snapshot.facts.vms, uuid, &Vm::uuid);
        if (vm == snapshot.facts.vms.end()) continue;
        // Two VMs with one name, or the repeated hour in autumn: the name must be free; the manifest has the rest.
        auto name = folder_name_for(*vm);
        for (int copy = 2; copy < 100; ++copy) {
            auto const is_free = co_await dependencies_.catalog.check_new_name(name);
            bool const claimed = std::ranges::any_of(dependencies_.engine.unfinished_jobs(), [&](Job const& job) {
                return case_key(job.backup) == case_key(name);
            });
            if (is_free && !claimed) break;
            name = folder_name_for(*vm) + " (" + std::to_string(copy) + ")";
        }
        auto const job = co_await dependencies_.engine.submit_scheduled(*vm, std::move(name), run);
        if (job) continue;
        all_started = false;
        auto const problem = vm->name + ": " + job.error().context;
        spdlog::error("run {}: {}", run.id, problem);
        note_problem(run, problem);
    }
    co_await save(run);
    co_return all_started;
}

task<void> Scheduler::count_results(Run& run, std::vector<Job>& failed) {
    run.succeeded = 0;
    run.failed = 0;
    std::map<VmUuid, Job> last_of_vm;
    for (auto const id : run.jobs) {
        auto const job = co_await dependencies_.engine.find_job(id);
        if (!job) continue;
        last_of_vm[job->vm] = *job;
        for (auto const& warning : job->warnings) note_problem(run, job->vm_name + ": " + warning);
        if (auto const why = why_not_named(*job); !why.empty()) note_problem(run, job->vm_name + ": " + why);
    }
    // A VM that failed and was then backed up counts as backed up.
    for (auto const& [vm, job] : last_of_vm) {
        if (job.outcome == Outcome::succeeded) {
            ++run.succeeded;
        } else if (job.outcome != Outcome::none) {
            ++run.failed;
            failed.push_back(job);
            note_problem(run,
                         job.vm_name + ": " + (job.error ? job.error->context : std::string(name_of(job.outcome))));
        }
    }
}

/// Also those of jobs whose commit was refused for so long that their run went on without them.
task<void> Scheduler::run_delayed_hooks(Run& run) {
    for (;;) {
        auto const ended = co_await owed_hooks_.run_next();
        if (!ended) co_return;
        if (ended->problem.empty()) continue;
        note_problem(run, ended->hook.vm_name + ": " + ended->problem);
        co_await save(run);
    }
}

/// Of a job that succeeded after its run had ended. A run that is to start need not wait for all of them: it runs the
/// others at its end.
task<void> Scheduler::run_hooks_between_runs() {
    while (command_ == Command::none) {
        auto const jobs = dependencies_.engine.unfinished_jobs();
        bool const exporting = std::ranges::any_of(
            jobs, [&](Job const& job) { return job.scheduled && !dependencies_.engine.is_held_up(job.id); });
        if (exporting) co_return;
        auto const ended = co_await owed_hooks_.run_next();
        if (!ended) co_return;
    }
}

}  // namespace sb::engine
