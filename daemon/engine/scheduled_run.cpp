// The exports of the schedule: one turn after the other gathers the facts, plans, and starts what is due. Each phase of
// a run is recorded before it starts, so that a restarted daemon continues where it was.
#include "common/text/case_key.hpp"
#include "daemon/engine/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

bool collects_exports(Run const& run) { return run.phase == RunPhase::pre_hook || run.phase == RunPhase::exporting; }

}  // namespace

/// Reads the runs again after a start, and after an internal error, whose turn may have left anything.
task<void> Scheduler::resume_unfinished_runs() {
    constexpr std::size_t depth = 10;
    auto runs = co_await dependencies_.journal.recent_runs(depth);
    if (!runs) co_return;
    current_.reset();
    std::ranges::sort(*runs, std::ranges::less(), &Run::id);
    for (auto& run : *runs) {
        if (run.phase == RunPhase::finished || endings_.contains(run.id)) continue;
        spdlog::info("run {}: resumed", run.id);
        if (!collects_exports(run)) {
            endings_.add(std::move(run));
            continue;
        }
        if (current_) {  // only the newest can collect exports
            current_->phase = RunPhase::delayed_hooks;
            endings_.add(std::move(*current_));
        }
        current_ = std::move(run);
    }
    if (!current_) co_return;
    auto const window = dependencies_.settings().settings.timing.window;
    window_watch_.resume(opening_before(window, current_->started, dependencies_.zone));
}

task<void> Scheduler::export_turn() {
    if (!is_resumed_) co_await resume_unfinished_runs();
    is_resumed_ = false;  // until this turn has ended well
    co_await check_once();
    is_resumed_ = true;
}

task<void> Scheduler::check_once() {
    auto const settings = dependencies_.settings();
    auto const now = dependencies_.time.now();
    auto const window = settings.settings.timing.window;
    bool const is_window_open = settings.configured && is_open(window, now, dependencies_.zone);
    std::vector<Vm> const not_known;
    dependencies_.engine.withdraw_unwanted(not_known);
    // Outside the window there is nothing to decide, so neither the cluster nor the share is asked.
    if (!is_window_open && !current_ && !window_watch_.is_waiting()) {
        can_start_ = false;
        endings_.check_again();
        std::optional<UtcTime> opens;
        if (settings.configured) opens = next_change(window, now, dependencies_.zone);
        co_await wake_up_.wait_until(opens);
        co_return;
    }
    if (current_ && current_->phase == RunPhase::pre_hook) co_await run_pre_schedule();
    ScheduleSnapshot snapshot;
    auto const plan = co_await plan_now(snapshot);
    dependencies_.engine.withdraw_unwanted(snapshot.facts.vms);
    co_await watch_window(plan, snapshot);
    can_start_ = !plan.start.empty() || waits_for_a_slot(plan);
    // A full disk may also be what holds everything back.
    bool const is_full = snapshot.taken && why_no_space(snapshot.facts.space, 1).has_value();
    if (is_full || std::ranges::find(plan.skipped, Skip::no_space, &Skipped::reason) != plan.skipped.end())
        clean_up_times_.note_no_space();
    if (current_) co_await continue_run(plan, snapshot);
    else co_await consider_run(plan, snapshot);
}

/// Its bug, if it has one, is thrown by run_pre_schedule(): an exception here would not end the wait beside it.
task<void> Scheduler::run_hook(std::exception_ptr& bug) {
    try {
        co_await run_schedule_hook(dependencies_.hooks, HookKind::pre_schedule, *current_);
    } catch (...) {
        bug = std::current_exception();
    }
}

/// The end of the window is noticed when it comes, a pause and a reload immediately.
task<void> Scheduler::wait_until_hook_is_needless(std::string command) {
    while (dependencies_.hooks.command(HookKind::pre_schedule) == command && !why_unwanted(nullptr)) {
        constexpr auto check_again_after = 10min;
        auto const now = dependencies_.time.now();
        auto const window = dependencies_.settings().settings.timing.window;
        auto const change = next_change(window, now, dependencies_.zone);
        auto const again = std::min(change.value_or(UtcTime::max()), now + check_again_after);
        co_await hook_changed_.wait_until(again);
    }
}

/// A hook that a reload has removed or replaced is stopped; the one that replaces it runs instead. Without exports to
/// come, because the window has closed or the schedule is paused, none runs.
task<void> Scheduler::run_pre_schedule() {
    using namespace asio::experimental::awaitable_operators;
    for (;;) {
        auto command = dependencies_.hooks.command(HookKind::pre_schedule);
        if (command.empty()) break;
        if (auto const unwanted = why_unwanted(nullptr)) {
            bool const is_closed = unwanted->code == Errc::timed_out;  // a pause is a person's wish
            if (pre_schedule_since_ && is_closed)
                note_problem(*current_, "PreSchedule was stopped: the backup window has closed");
            break;
        }
        pre_schedule_since_ = dependencies_.time.now();
        std::exception_ptr bug;
        auto running = run_hook(bug);
        auto changing = wait_until_hook_is_needless(std::move(command));
        auto const first = co_await (std::move(running) || std::move(changing));
        bool const has_ended = first.index() == 0;
        if (has_ended && bug) std::rethrow_exception(bug);
        if (has_ended) break;
        spdlog::warn(
            "run {}: PreSchedule was stopped: it was changed by a reload, the window has closed, or the "
            "schedule was paused",
            current_->id);
    }
    pre_schedule_since_.reset();
    current_->phase = RunPhase::exporting;
    co_await dependencies_.engine.recorder().record_run(*current_);
}

/// A share that was not mounted for some seconds must not cost a look's time; asking costs little.
bool Scheduler::is_watched_closely(ScheduleSnapshot const& snapshot) {
    return snapshot.taken && !snapshot.facts.storage_problem.empty();
}

/// Until the plan may change; VMs and tags may change at any time.
task<void> Scheduler::wait(Plan plan, bool all_started) {
    if (!can_start_ && !is_export_running()) endings_.check_again();
    auto const pause = all_started ? Milliseconds(check_every) : Milliseconds(after_refusal);
    auto const latest = dependencies_.time.now() + pause;
    auto const next = std::min(plan.wake_at.value_or(latest), latest);
    co_await wait_until(next);
}

/// Or until the journal, which cannot be written now, can be written again.
task<void> Scheduler::wait_until(UtcTime when) {
    for (;;) {
        auto next = when;
        if (snapshots_.is_journal_unwritable()) next = std::min(when, dependencies_.time.now() + test_journal_every);
        co_await wake_up_.wait_until(next);
        bool const is_over = next == when || dependencies_.time.now() < next;  // or something may have changed
        if (is_over) co_return;
        auto const why = co_await snapshots_.why_not_recorded();
        if (why.empty()) co_return;
    }
}

task<Plan> Scheduler::plan_now(ScheduleSnapshot& snapshot) {
    // [Schedule] was removed from the configuration during a run: its defaults must not apply.
    if (!dependencies_.settings().configured) co_return Plan();
    auto timing = dependencies_.settings().settings.timing;
    constexpr Milliseconds vm_age = 20s;
    auto taken = co_await snapshots_.take(std::move(timing), vm_age);
    Plan plan;
    if (!taken) {
        spdlog::error("the schedule cannot run: {}", taken.error().context);
        dependencies_.alerts.schedule_blocked(ports::Blocked::storage, taken.error().context);
        plan.wake_at = dependencies_.time.now() + 1min;
        co_return plan;
    }
    co_await record_missing_vms();
    note_future_copies(taken->retention);
    snapshot = std::move(*taken);
    plan = core::plan(snapshot.facts, settings_now(snapshot), snapshot.in_progress, dependencies_.zone);
    if (snapshot.cluster_error || !snapshot.facts.hold.empty())
        plan.wake_at = std::min(plan.wake_at.value_or(UtcTime::max()), dependencies_.time.now() + 1min);
    last_plan_ = plan;
    report(plan, snapshot);
    co_return plan;
}

/// For so long that a person should know: an update of the cluster, for example, ends soon.
bool Scheduler::is_held_for_long(Plan const& plan) {
    constexpr auto long_time = 1h;
    bool const is_held =
        plan.window_open && std::ranges::find(plan.skipped, Skip::on_hold, &Skipped::reason) != plan.skipped.end();
    auto const now = dependencies_.time.steady_now();
    if (!is_held) held_since_.reset();
    else if (!held_since_) held_since_ = now;
    return held_since_ && now - *held_since_ >= long_time;
}

void Scheduler::report(Plan const& plan, ScheduleSnapshot const& snapshot) {
    bool const is_held_long = is_held_for_long(plan);
    if (!plan.window_open) return;
    using enum ports::Blocked;
    auto const no_space_left = std::ranges::find(plan.skipped, Skip::no_space, &Skipped::reason);
    if (snapshot.cluster_error) dependencies_.alerts.schedule_blocked(cluster, snapshot.cluster_error->context);
    else if (!snapshot.facts.storage_problem.empty())
        dependencies_.alerts.schedule_blocked(storage, snapshot.facts.storage_problem);
    else if (no_space_left != plan.skipped.end())
        dependencies_.alerts.schedule_blocked(no_space, no_space_left->name + ": " + no_space_left->detail);
    else if (is_held_long) {
        dependencies_.alerts.schedule_blocked(hold, snapshot.facts.hold);
        dependencies_.alerts.behind_schedule(plan.behind);  // without exports no run ends, which would report it
    } else if (!recovering_ && !held_since_) {
        dependencies_.alerts.schedule_unblocked();
    }
    auto const tag = dependencies_.settings().settings.tag;
    if (!tag || !snapshot.facts.vms_known) return;
    if (!plan.tag_matches_nothing) return dependencies_.alerts.tag_matches(*tag);
    std::set<std::string> known;
    for (auto const& vm : snapshot.facts.vms) known.insert(vm.tags.begin(), vm.tags.end());
    dependencies_.alerts.tag_matches_nothing(*tag, std::vector<std::string>(known.begin(), known.end()));
}

task<void> Scheduler::consider_run(Plan plan, ScheduleSnapshot const& snapshot) {
    auto const command = std::exchange(command_, Command::none);
    if (plan.start.empty() && command == Command::none) {
        bool const is_hold_watched = is_watched_closely(snapshot);
        co_await wait(std::move(plan), !is_hold_watched);
        co_return;
    }
    if (plan.start.empty() && snapshot.cluster_error) {
        // Which VMs are due is not known: a run would end without work, as if none were.
        start_error_ = snapshot.cluster_error;
        co_return;
    }
    if (!snapshot.taken) {
        start_error_ = Error{Errc::io, "the backups in LocalPath cannot be read, so it is not known which VMs are due"};
        co_return;
    }
    if (plan.start.empty() && !snapshot.facts.hold.empty()) {
        start_error_ = Error{Errc::refused, snapshot.facts.hold};
        co_return;
    }
    auto const trigger = command == Command::none ? RunTrigger::window : RunTrigger::command;
    co_await begin_run(trigger);
}

/// The next turn runs PreSchedule, which may take hours, and plans again.
task<void> Scheduler::begin_run(RunTrigger trigger) {
    Run run;
    run.trigger = trigger;
    run.started = dependencies_.time.now();
    run.jobs.swap(carried_);
    for (auto const& job : dependencies_.engine.unfinished_jobs()) {
        bool const is_known = std::ranges::find(run.jobs, job.id) != run.jobs.end();
        if (job.scheduled && !is_known && !dependencies_.engine.is_held_up(job.id)) run.jobs.push_back(job.id);
    }
    co_await dependencies_.engine.recorder().record_run(run);
    command_ = Command::none;  // a command that came meanwhile: this is its run
    last_started_ = run;
    ++runs_started_;
    spdlog::info("run {}: started", run.id);
    current_ = std::move(run);
    waits_for_ending_ = false;
}

/// A job that waits for its name, or whose task makes no progress, does not keep a run from its end.
bool Scheduler::is_export_running() const {
    auto const jobs = dependencies_.engine.unfinished_jobs();
    return std::ranges::any_of(jobs, [&](Job const& job) {
        return job.scheduled && !is_stalled(job) && !dependencies_.engine.is_held_up(job.id);
    });
}

/// A run that would begin in the future began before the clock was set back.
bool Scheduler::has_lasted_long_enough(Run const& run) const {
    auto const age = dependencies_.time.now() - run.started;
    return age >= 24h || age < -clock_slack;
}

task<void> Scheduler::continue_run(Plan plan, ScheduleSnapshot const& snapshot) {
    bool const is_long_enough = has_lasted_long_enough(*current_);
    // VMs that are due now start the next run.
    if (is_long_enough) plan.start.clear();
    bool all_started = true;
    if (!plan.start.empty()) {
        all_started = co_await start_exports(*current_, plan, snapshot);
        can_start_ = !all_started || waits_for_a_slot(plan);
    }
    // Without the journal nothing is ordered: a run that could not even be recorded has not done anything yet.
    bool const must_begin = current_->id == 0 && snapshots_.is_journal_unwritable();
    bool const more_to_come =
        !plan.start.empty() || waits_for_a_slot(plan) || (has_retries_ahead(plan) && !paused()) || must_begin;
    bool const is_idle = !more_to_come && !is_export_running();
    bool const is_done = is_idle && endings_.empty();
    waits_for_ending_ = is_idle && !is_done;
    if (is_long_enough || is_done) co_await hand_over_run(std::move(plan), snapshot);
    else {
        bool const is_hold_watched = is_watched_closely(snapshot);
        co_await wait(std::move(plan), all_started && !is_hold_watched);
    }
}

task<void> Scheduler::hand_over_run(Plan plan, ScheduleSnapshot const& snapshot) {
    auto& run = *current_;
    // Whether other VMs are due is not known.
    if (plan.window_open && snapshot.cluster_error)
        note_problem(run, "the run ended early: " + snapshot.cluster_error->context);
    if (!snapshot.taken && dependencies_.settings().configured)
        note_problem(run, "the run ended early: the backups in LocalPath cannot be read");
    if (last_plan_) {
        for (auto const& late : last_plan_->behind) run.behind.push_back(late.name);
        dependencies_.alerts.behind_schedule(last_plan_->behind);
    }
    for (auto const& job : dependencies_.engine.unfinished_jobs())
        if (job.scheduled && !dependencies_.engine.is_held_up(job.id)) carried_.push_back(job.id);
    run.phase = RunPhase::delayed_hooks;
    co_await dependencies_.engine.recorder().record_run(run);
    endings_.add(std::move(run));
    current_.reset();
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
    co_await dependencies_.engine.recorder().record_run(run);
    co_return all_started;
}

}  // namespace sb::engine
