#include "daemon/engine/run_endings.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

task<void> run_schedule_hook(ports::JobHooks& hooks, HookKind kind, Run& run) {
    if (!hooks.is_set(kind)) co_return;
    ports::HookVariables none;
    auto problem = co_await hooks.run(kind, std::move(none));
    if (!problem.empty()) note_problem(run, std::move(problem));
}

task<RunResults> with_results(Engine& engine, Run run) {
    run.succeeded = 0;
    run.failed = 0;
    RunResults results;
    std::map<VmUuid, Job> last_of_vm;
    for (auto const id : run.jobs) {
        auto const job = co_await engine.find_job(id);
        if (!job) continue;
        // One that was not ordered says nothing about those before it.
        if (is_withdrawn(*job)) last_of_vm.try_emplace(job->vm, *job);
        else last_of_vm[job->vm] = *job;
        for (auto const& warning : job->warnings) note_problem(run, job->vm_name + ": " + warning);
        if (auto const why = why_not_named(*job); !why.empty()) note_problem(run, job->vm_name + ": " + why);
    }
    // A VM that failed and was then backed up counts as backed up.
    for (auto const& [vm, job] : last_of_vm) {
        if (job.outcome == Outcome::succeeded) {
            ++run.succeeded;
        } else if (is_withdrawn(job)) {
            if (was_not_reached(job)) note_not_reached(run, job.vm_name);
        } else if (job.outcome != Outcome::none) {
            ++run.failed;
            results.failed.push_back(job);
            note_problem(run,
                         job.vm_name + ": " + (job.error ? job.error->context : std::string(name_of(job.outcome))));
        }
    }
    results.run = std::move(run);
    co_return results;
}

void RunEndings::add(Run run) {
    runs_.push_back(std::move(run));
    wake_up_.poke();
}

bool RunEndings::contains(RunId id) const {
    return std::ranges::any_of(runs_, [&](Run const& run) { return run.id == id; });
}

std::optional<Run> RunEndings::current() const {
    if (runs_.empty()) return std::nullopt;
    return runs_.front();
}

task<void> RunEndings::turn() {
    if (!runs_.empty()) {
        co_await end(runs_.front());
        runs_.pop_front();
        dependencies_.ended();
        co_return;
    }
    if (!dependencies_.is_exporting()) {
        auto const hook = co_await run_owed_hook();
        if (hook) co_return;
    }
    // Also tries again what the journal could not record.
    auto const later = dependencies_.time.now() + 10min;
    co_await wake_up_.wait_until(later);
}

task<std::optional<EndedHook>> RunEndings::run_owed_hook() {
    hook_since_ = dependencies_.time.now();
    co_return co_await dependencies_.owed_hooks.run_next();
}

task<void> RunEndings::save(Run& run, RunPhase next) {
    run.phase = next;
    co_await dependencies_.engine.recorder().record_run(run);
}

/// Each phase is recorded before it starts, so that a restarted daemon continues where it was.
task<void> RunEndings::end(Run& run) {
    co_await count_results(run);
    if (run.phase == RunPhase::delayed_hooks) {
        co_await run_delayed_hooks(run);
        co_await save(run, RunPhase::clean_up);
    }
    if (run.phase == RunPhase::clean_up) {
        co_await clean_up(run);
        co_await save(run, RunPhase::post_hook);
    }
    auto const failed = co_await count_results(run);  // those that were still running
    if (run.phase == RunPhase::post_hook) co_await run_schedule_hook(dependencies_.hooks, HookKind::post_schedule, run);
    run.finished = dependencies_.time.now();
    co_await save(run, RunPhase::finished);
    spdlog::info("run {}: {} succeeded, {} failed, {} not reached, {} backups deleted", run.id, run.succeeded,
                 run.failed, run.not_reached.size(), run.deleted.size());
    dependencies_.alerts.run_ended(run, failed);
}

/// Returns those that failed.
task<std::vector<Job>> RunEndings::count_results(Run& run) {
    auto results = co_await with_results(dependencies_.engine, run);
    run = std::move(results.run);
    co_return std::move(results.failed);
}

/// All that are owed, also those of jobs whose commit was refused for so long that their run went on without them.
task<void> RunEndings::run_delayed_hooks(Run& run) {
    for (;;) {
        auto const ended = co_await run_owed_hook();
        if (!ended) co_return;
        if (ended->problem.empty()) continue;
        note_problem(run, ended->hook.vm_name + ": " + ended->problem);
        co_await save(run, run.phase);
    }
}

task<void> RunEndings::clean_up(Run& run) {
    auto const pruned = co_await dependencies_.clean_ups.clean_up_for_run();
    run.deleted.insert(run.deleted.end(), pruned.deleted.begin(), pruned.deleted.end());
    for (auto const& problem : pruned.problems) note_problem(run, problem);
}

}  // namespace sb::engine
