// The end of a backup window: served, failed, not reached.
#include "common/text/whole_number.hpp"
#include "daemon/engine/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace sb::engine {

using namespace core;

namespace {

/// When the window opened whose end has not been noticed yet, in milliseconds; empty = none.
constexpr auto window_fact = "open_window";

/// A report without a run: what the window served and what failed in it is in the runs.
Run report_of(ClosedWindow const& window, ScheduleSnapshot const& snapshot) {
    Run report;
    report.phase = RunPhase::finished;
    report.started = window.opened;
    std::set<VmUuid> served;
    for (auto const& copy : snapshot.facts.copies)
        if (copy.started >= window.opened && copy.end_known) served.insert(copy.vm);
    report.succeeded = static_cast<int>(served.size());
    report.failed = static_cast<int>(snapshot.facts.failures.size());
    return report;
}

}  // namespace

task<void> Scheduler::watch_window(Plan plan, ScheduleSnapshot const& snapshot) {
    auto const settings = dependencies_.settings();
    if (!settings.configured) {
        window_watch_.forget();
        co_await record_window();
        co_return;
    }
    bool const is_known = snapshot.taken && !snapshot.cluster_error;
    auto const now = dependencies_.time.now();
    auto ended = window_watch_.check(settings.settings.timing.window, now, dependencies_.zone);
    if (is_known && plan.window_open) window_watch_.note_held_back(held_back(plan));
    if (ended && !paused()) co_await report_window(std::move(*ended), snapshot);
    co_await record_window();
}

/// A window may close while the daemon does not run; that is noticed after the start.
task<void> Scheduler::load_window() {
    auto const recorded = co_await dependencies_.journal.fact(window_fact);
    if (!recorded || !*recorded) co_return;
    auto const moment = whole_number<std::uint64_t>(**recorded);
    if (!moment) co_return;
    recorded_window_ = UtcTime(Milliseconds(static_cast<std::int64_t>(*moment)));
    window_watch_.resume(*recorded_window_);
}

task<void> Scheduler::record_window() {
    auto const opened = window_watch_.opened();
    if (opened == recorded_window_) co_return;
    std::string text;
    if (opened) text = std::to_string(opened->time_since_epoch().count());
    auto const saved = co_await dependencies_.journal.set_fact(window_fact, std::move(text));
    if (saved) recorded_window_ = opened;
    else spdlog::warn("the journal could not be written: {}", saved.error().context);
}

/// In the run that is in progress, or in one that is only this report.
task<void> Scheduler::report_window(ClosedWindow window, ScheduleSnapshot const& snapshot) {
    std::vector<std::string> names;
    std::string problem;
    if (snapshot.taken && !snapshot.cluster_error)
        names = not_reached(snapshot.facts, settings_now(snapshot), snapshot.in_progress, window.closed,
                            dependencies_.zone);
    else if (window.held_back) names = *window.held_back;
    else
        problem = "it is not known which VMs were due when the window closed: " +
                  (snapshot.cluster_error ? snapshot.cluster_error->context : "the backups cannot be read");
    if (names.empty() && problem.empty()) co_return;
    auto report = report_of(window, snapshot);
    report.finished = dependencies_.time.now();
    auto& run = current_ ? *current_ : report;
    for (auto& name : names) note_not_reached(run, std::move(name));
    if (!problem.empty()) note_problem(run, std::move(problem));
    co_await dependencies_.engine.recorder().record_run(run);
    if (current_) co_return;  // it reports at its end
    spdlog::warn("the backup window has closed, and {} VMs that were due were not reached", run.not_reached.size());
    if (last_plan_) dependencies_.alerts.behind_schedule(last_plan_->behind);
    std::vector<Job> const no_jobs;
    dependencies_.alerts.run_ended(run, no_jobs);
}

}  // namespace sb::engine
