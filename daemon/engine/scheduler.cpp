#include "daemon/engine/scheduler.hpp"

#include "daemon/async/failure.hpp"
#include "daemon/core/text.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <set>
#include <exception>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

constexpr auto paused_fact = "paused";
constexpr auto missing_vms_fact = "absent_vms";

}  // namespace

Scheduler::Scheduler(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      snapshots_(dependencies_.engine, dependencies_.catalog, dependencies_.time, dependencies_.clock),
      leftovers_({dependencies_.engine, dependencies_.catalog, dependencies_.journal, dependencies_.time,
                  dependencies_.clock}),
      owed_hooks_(dependencies_.journal, dependencies_.hooks),
      wake_up_(dependencies_.executor, dependencies_.time, dependencies_.max_sleep) {}

UtcTime Scheduler::present_opening() const {
    return opening_before(dependencies_.settings().settings.timing.window, dependencies_.time.now(),
                          dependencies_.zone);
}

Settings Scheduler::settings_now(ScheduleSnapshot const& snapshot) const {
    auto settings = dependencies_.settings().settings;
    settings.paused = paused_;
    settings.slots += snapshot.slotless;
    return settings;
}

void Scheduler::job_changed(Job const& job) {
    if (job.phase == Phase::finished) snapshots_.note(job);
    // A slot became free, or a folder is new: the phases in between change no decision.
    bool const waits_for_its_name = job.phase == Phase::committing && job.error;
    if (job.phase == Phase::inspecting || job.phase == Phase::finished || waits_for_its_name) wake_up_.poke();
}

task<void> Scheduler::load_state() {
    auto const paused = co_await dependencies_.journal.fact(paused_fact);
    paused_ = paused && *paused && **paused == "yes";
    auto const missing_vms = co_await dependencies_.journal.fact(missing_vms_fact);
    if (missing_vms && *missing_vms) {
        recorded_missing_vms_ = MissingVms::from_text(**missing_vms);
        snapshots_.remember_missing_vms(*recorded_missing_vms_);
    }
    auto jobs = co_await dependencies_.journal.recent(ports::journal_depth);
    if (!jobs) co_return;
    std::ranges::reverse(*jobs);
    for (auto const& job : *jobs) snapshots_.note(job);
}

/// Recorded, because a daemon that restarts more than once a week would never see a VM missing for a week.
task<void> Scheduler::record_missing_vms() {
    auto now = snapshots_.missing_vms();
    if (now == recorded_missing_vms_.value_or(MissingVms())) co_return;
    auto text = now.text();
    auto const saved = co_await dependencies_.journal.set_fact(missing_vms_fact, std::move(text));
    if (saved) recorded_missing_vms_ = std::move(now);
    else spdlog::warn("the journal could not be written: {}", saved.error().context);
}

task<void> Scheduler::resume_unfinished_run() {
    auto const runs = co_await dependencies_.journal.recent_runs(1);
    if (!runs || runs->empty() || runs->front().phase == RunPhase::finished) co_return;
    spdlog::info("run {}: resumed", runs->front().id);
    auto unfinished = runs->front();
    co_await follow_run(std::move(unfinished));
}

task<void> Scheduler::run() {
    co_await load_state();
    for (;;) {
        std::exception_ptr stopped;
        std::string problem;
        try {
            co_await resume_unfinished_run();
            for (;;) co_await check_once();
        } catch (std::exception const& e) {
            stopped = std::current_exception();
            problem = internal_error(e.what()).context;
        }
        auto const state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(stopped);
        // The daemon must never keep running without its schedule.
        spdlog::error("the schedule stopped and restarts in 1 min: {}", problem);
        current_.reset();
        recovering_ = true;
        dependencies_.alerts.schedule_blocked(ports::Blocked::internal, problem);
        auto const again = dependencies_.time.steady_now() + 1min;
        co_await dependencies_.time.sleep_until(again);
    }
}

task<Plan> Scheduler::plan_now(ScheduleSnapshot& snapshot) {
    // [Schedule] was removed from the configuration during a run: its defaults must not apply.
    if (!dependencies_.settings().configured) co_return Plan();
    auto const opening = present_opening();
    constexpr Milliseconds vm_age = 20s;
    auto taken = co_await snapshots_.take(opening, vm_age);
    Plan plan;
    if (!taken) {
        spdlog::error("the schedule cannot run: {}", taken.error().context);
        dependencies_.alerts.schedule_blocked(ports::Blocked::storage, taken.error().context);
        plan.wake_at = dependencies_.time.now() + 1min;
        co_return plan;
    }
    co_await record_missing_vms();
    snapshot = std::move(*taken);
    plan = core::plan(snapshot.facts, settings_now(snapshot), snapshot.in_progress, dependencies_.zone);
    if (snapshot.cluster_error || !snapshot.facts.hold.empty())
        plan.wake_at = std::min(plan.wake_at.value_or(UtcTime::max()), dependencies_.time.now() + 1min);
    last_plan_ = plan;
    report(plan, snapshot);
    co_return plan;
}

void Scheduler::report(Plan const& plan, ScheduleSnapshot const& snapshot) {
    if (!plan.window_open) return;
    using enum ports::Blocked;
    auto const no_space_left = std::ranges::find(plan.skipped, Skip::no_space, &Skipped::reason);
    if (snapshot.cluster_error) dependencies_.alerts.schedule_blocked(cluster, snapshot.cluster_error->context);
    else if (!snapshot.facts.storage_problem.empty())
        dependencies_.alerts.schedule_blocked(storage, snapshot.facts.storage_problem);
    else if (no_space_left != plan.skipped.end())
        dependencies_.alerts.schedule_blocked(no_space, no_space_left->name + ": " + no_space_left->detail);
    else if (!recovering_) dependencies_.alerts.schedule_unblocked();
    auto const tag = dependencies_.settings().settings.tag;
    if (!tag || !snapshot.facts.vms_known) return;
    if (!plan.tag_matches_nothing) return dependencies_.alerts.tag_matches(*tag);
    std::set<std::string> known;
    for (auto const& vm : snapshot.facts.vms) known.insert(vm.tags.begin(), vm.tags.end());
    dependencies_.alerts.tag_matches_nothing(*tag, std::vector<std::string>(known.begin(), known.end()));
}

task<void> Scheduler::check_once() {
    auto const settings = dependencies_.settings();
    if (!settings.configured) {
        co_await run_hooks_between_runs();
        co_await wake_up_.wait_until(std::nullopt);
        co_return;
    }
    // Outside the window there is nothing to decide, so neither the cluster nor the share is asked.
    auto const now = dependencies_.time.now();
    auto const window = settings.settings.timing.window;
    if (!is_open(window, now, dependencies_.zone)) {
        co_await run_hooks_between_runs();
        auto const opens = next_change(window, now, dependencies_.zone);
        co_await wake_up_.wait_until(opens);
        co_return;
    }
    ScheduleSnapshot snapshot;
    auto const plan = co_await plan_now(snapshot);
    auto const command = std::exchange(command_, Command::none);
    if (plan.start.empty() && command == Command::none) {
        co_await run_hooks_between_runs();
        // VMs and tags may change at any time.
        auto const next_check = std::min(plan.wake_at.value_or(UtcTime::max()), now + check_every);
        co_await wake_up_.wait_until(next_check);
        co_return;
    }
    if (plan.start.empty() && snapshot.cluster_error) {
        // Which VMs are due is not known: a run would end without work, as if none were.
        start_error_ = snapshot.cluster_error;
        co_return;
    }
    if (plan.start.empty() && !snapshot.facts.hold.empty()) {
        start_error_ = Error{Errc::refused, snapshot.facts.hold};
        co_return;
    }
    Run run;
    run.trigger = command == Command::none ? RunTrigger::window : RunTrigger::command;
    run.started = dependencies_.time.now();
    co_await save(run);
    command_ = Command::none;  // a command that came meanwhile: this is its run
    last_started_ = run;
    ++runs_started_;
    spdlog::info("run {}: started", run.id);
    co_await follow_run(std::move(run));
}

task<Result<RunStarted>> Scheduler::start_now() {
    auto const settings = dependencies_.settings();
    auto const now = dependencies_.time.now();
    if (!settings.configured)
        co_return Error{Errc::refused, "the configuration has no [Schedule], so there is nothing to run"};
    if (paused_) co_return Error{Errc::refused, "the schedule is paused; to resume it: scale-backupctl resume"};
    if (current_) co_return RunStarted{*current_, true};
    if (!is_open(settings.settings.timing.window, now, dependencies_.zone)) {
        auto const opens = next_change(settings.settings.timing.window, now, dependencies_.zone);
        co_return Error{Errc::refused, "outside the backup window, which opens " +
                                           (opens ? moment_text(*opens, dependencies_.zone) : std::string("never"))};
    }
    bool const already_requested = command_ == Command::start;
    command_ = Command::start;
    start_error_.reset();
    wake_up_.poke();
    // The scheduler starts the run at its next turn. A run with nothing to do may already have finished.
    auto const started_before = runs_started_;
    for (int turns = 0; runs_started_ == started_before && !start_error_ && turns < 600; ++turns) {
        auto const soon = dependencies_.time.steady_now() + 50ms;
        co_await dependencies_.time.sleep_until(soon);
    }
    if (start_error_) co_return *start_error_;
    if (runs_started_ == started_before) {
        command_ = Command::none;
        co_return Error{Errc::timed_out, "the run did not start within 30 s; see scale-backupctl status"};
    }
    co_return RunStarted{last_started_, already_requested};
}

task<Result<void>> Scheduler::set_paused(bool paused) {
    std::string word = paused ? "yes" : "no";
    auto saved = co_await dependencies_.journal.set_fact(paused_fact, std::move(word));
    if (!saved) co_return saved;
    paused_ = paused;
    spdlog::info(paused ? "the schedule is paused: no scheduled backups" : "scheduled backups are running again");
    wake_up_.poke();
    co_return boost::system::in_place_value;
}

}  // namespace sb::engine
