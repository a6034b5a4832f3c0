#include "daemon/engine/scheduler.hpp"

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
constexpr auto last_time_fact = "last_time";
constexpr auto missing_vms_fact = "absent_vms";

}  // namespace

Scheduler::Scheduler(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      snapshots_(dependencies_.engine, dependencies_.catalog, dependencies_.time),
      wake_up_(dependencies_.executor, dependencies_.time, dependencies_.longest_nap) {}

UtcTime Scheduler::present_opening() const {
    return opening_before(dependencies_.settings().settings.rhythm.window, dependencies_.time.now(),
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
    // A slot has become free, or a folder new: what happens in between changes no decision.
    if (job.phase == Phase::inspecting || job.phase == Phase::finished) wake_up_.poke();
}

task<void> Scheduler::remember() {
    auto const paused = co_await dependencies_.journal.fact(paused_fact);
    paused_ = paused && *paused && **paused == "yes";
    auto const last_time = co_await dependencies_.journal.fact(last_time_fact);
    if (last_time && *last_time)
        if (auto const time = parse_rfc3339(**last_time)) snapshots_.remember_time(*time);
    auto const missing_vms = co_await dependencies_.journal.fact(missing_vms_fact);
    if (missing_vms && *missing_vms) {
        recorded_missing_vms_ = MissingVms::from_text(**missing_vms);
        snapshots_.remember_missing_vms(*recorded_missing_vms_);
    }
    constexpr std::size_t enough = 5000;
    auto jobs = co_await dependencies_.journal.recent(enough);
    if (!jobs) co_return;
    std::ranges::reverse(*jobs);
    for (auto const& job : *jobs) snapshots_.note(job);
}

task<void> Scheduler::record_time() {
    auto const now = dependencies_.time.now();
    auto const steady = dependencies_.time.steady_now();
    if (time_recorded_at_ && steady - *time_recorded_at_ < 1h) co_return;
    if (is_behind(now, snapshots_.last_recorded())) co_return;
    time_recorded_at_ = steady;
    snapshots_.remember_time(now);
    auto saved = co_await dependencies_.journal.set_fact(last_time_fact, format_rfc3339(now));
    if (!saved) spdlog::warn("the journal could not be written: {}", saved.error().context);
}

/// A daemon that is started more often than once a week would never see anybody gone.
task<void> Scheduler::record_missing_vms() {
    auto now = snapshots_.missing_vms();
    if (now == recorded_missing_vms_.value_or(MissingVms())) co_return;
    auto text = now.text();
    auto const saved = co_await dependencies_.journal.set_fact(missing_vms_fact, std::move(text));
    if (saved) recorded_missing_vms_ = std::move(now);
    else spdlog::warn("the journal could not be written: {}", saved.error().context);
}

task<void> Scheduler::take_up_unfinished_run() {
    auto const runs = co_await dependencies_.journal.recent_runs(1);
    if (!runs || runs->empty() || runs->front().phase == RunPhase::finished) co_return;
    spdlog::info("run {}: taken up again", runs->front().id);
    auto unfinished = runs->front();
    co_await follow_run(std::move(unfinished));
}

task<void> Scheduler::run() {
    co_await remember();
    for (;;) {
        std::exception_ptr stopped;
        std::string bug;
        try {
            co_await take_up_unfinished_run();
            for (;;) co_await look_once();
        } catch (std::exception const& e) {
            stopped = std::current_exception();
            bug = e.what();
        }
        auto const state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(stopped);
        // A daemon that lives on without its schedule would be the worst of all.
        spdlog::error("the schedule met an internal error and begins anew in a minute: {}", bug);
        current_.reset();
        recovering_ = true;
        dependencies_.alerts.schedule_blocked(ports::Blocked::internal, "internal error: " + bug);
        auto const again = dependencies_.time.steady_now() + 1min;
        co_await dependencies_.time.sleep_until(again);
    }
}

task<Plan> Scheduler::plan_now(ScheduleSnapshot& snapshot) {
    // Taken out of the config in the middle of a run: what it says by default is nobody's wish.
    if (!dependencies_.settings().configured) co_return Plan();
    auto const opening = present_opening();
    constexpr Milliseconds vm_age = 20s;
    auto looked = co_await snapshots_.look(opening, vm_age);
    Plan plan;
    if (!looked) {
        spdlog::error("the schedule cannot be served: {}", looked.error().context);
        dependencies_.alerts.schedule_blocked(ports::Blocked::storage, looked.error().context);
        plan.wake_at = dependencies_.time.now() + 1min;
        co_return plan;
    }
    co_await record_missing_vms();
    snapshot = std::move(*looked);
    plan = core::plan(snapshot.facts, settings_now(snapshot), snapshot.in_hand, dependencies_.zone);
    if (snapshot.cluster_error)
        plan.wake_at = std::min(plan.wake_at.value_or(UtcTime::max()), dependencies_.time.now() + 1min);
    last_plan_ = plan;
    tell_of(plan, snapshot);
    co_return plan;
}

void Scheduler::tell_of(Plan const& plan, ScheduleSnapshot const& snapshot) {
    if (!plan.window_open) return;
    using enum ports::Blocked;
    auto const of_clock = std::ranges::find(plan.skipped, Skip::clock_in_doubt, &Skipped::reason);
    auto const of_room = std::ranges::find(plan.skipped, Skip::no_room, &Skipped::reason);
    if (snapshot.cluster_error) dependencies_.alerts.schedule_blocked(cluster, snapshot.cluster_error->context);
    else if (!snapshot.facts.storage_doubt.empty())
        dependencies_.alerts.schedule_blocked(storage, snapshot.facts.storage_doubt);
    else if (of_clock != plan.skipped.end())
        dependencies_.alerts.schedule_blocked(clock, explain(*of_clock, dependencies_.zone));
    else if (of_room != plan.skipped.end())
        dependencies_.alerts.schedule_blocked(no_room, of_room->name + ": " + of_room->detail);
    else if (!recovering_) dependencies_.alerts.schedule_works();
    auto const tag = dependencies_.settings().settings.tag;
    if (!tag || !snapshot.facts.vms_known) return;
    if (!plan.tag_matches_nothing) return dependencies_.alerts.tag_matches(*tag);
    std::set<std::string> known;
    for (auto const& vm : snapshot.facts.vms) known.insert(vm.tags.begin(), vm.tags.end());
    dependencies_.alerts.tag_matches_nothing(*tag, std::vector<std::string>(known.begin(), known.end()));
}

task<void> Scheduler::look_once() {
    co_await record_time();
    auto const settings = dependencies_.settings();
    if (!settings.configured) {
        co_await wake_up_.wait_until(std::nullopt);
        co_return;
    }
    // Outside the window there is nothing to decide, so nobody is asked.
    auto const now = dependencies_.time.now();
    auto const window = settings.settings.rhythm.window;
    if (!is_open(window, now, dependencies_.zone)) {
        auto const opens = next_change(window, now, dependencies_.zone);
        co_await wake_up_.wait_until(opens);
        co_return;
    }
    ScheduleSnapshot snapshot;
    auto const plan = co_await plan_now(snapshot);
    auto const command = std::exchange(command_, Command::none);
    if (plan.start.empty() && command == Command::none) {
        // VMs and tags may change at any time.
        auto const next_look = std::min(plan.wake_at.value_or(UtcTime::max()), now + look_every);
        co_await wake_up_.wait_until(next_look);
        co_return;
    }
    Run run;
    run.trigger = command == Command::none ? RunTrigger::window : RunTrigger::command;
    run.started = dependencies_.time.now();
    co_await save(run);
    command_ = Command::none;  // given meanwhile: this is its run
    last_begun_ = run;
    ++runs_begun_;
    spdlog::info("run {}: begins", run.id);
    co_await follow_run(std::move(run));
}

task<Result<RunStarted>> Scheduler::start_now() {
    auto const settings = dependencies_.settings();
    auto const now = dependencies_.time.now();
    if (!settings.configured)
        co_return Error{Errc::refused, "the config has no [Schedule], so there is nothing to run"};
    if (paused_) co_return Error{Errc::refused, "the schedule is paused; scale-backupctl resume ends that"};
    if (current_) co_return RunStarted{*current_, true};
    if (!is_open(settings.settings.rhythm.window, now, dependencies_.zone)) {
        auto const opens = next_change(settings.settings.rhythm.window, now, dependencies_.zone);
        co_return Error{Errc::refused, "outside the backup window, which opens " +
                                           (opens ? moment_text(*opens, dependencies_.zone) : std::string("never"))};
    }
    bool const somebody_was_first = command_ == Command::start;
    command_ = Command::start;
    wake_up_.poke();
    // The scheduler begins the run at its next turn. One that finds nothing to do may be over when we look.
    auto const begun_before = runs_begun_;
    for (int turns = 0; runs_begun_ == begun_before && turns < 600; ++turns) {
        auto const soon = dependencies_.time.steady_now() + 50ms;
        co_await dependencies_.time.sleep_until(soon);
    }
    if (runs_begun_ == begun_before) {
        command_ = Command::none;
        co_return Error{Errc::timed_out, "the run did not begin within 30 seconds; see scale-backupctl status"};
    }
    co_return RunStarted{last_begun_, somebody_was_first};
}

task<Result<void>> Scheduler::set_paused(bool paused) {
    std::string word = paused ? "yes" : "no";
    auto saved = co_await dependencies_.journal.set_fact(paused_fact, std::move(word));
    if (!saved) co_return saved;
    paused_ = paused;
    spdlog::info(paused ? "the schedule is paused: no scheduled backup starts" : "the schedule goes on");
    wake_up_.poke();
    co_return boost::system::in_place_value;
}

}  // namespace sb::engine
