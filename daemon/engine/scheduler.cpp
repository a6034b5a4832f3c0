#include "daemon/engine/scheduler.hpp"

#include "daemon/core/text.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

constexpr auto paused_fact = "paused";
constexpr auto missing_vms_fact = "absent_vms";

/// Counts itself while it lives.
class Counted {
public:
    explicit Counted(int& count) : count_(count) { ++count_; }
    Counted(Counted const&) = delete;
    Counted& operator=(Counted const&) = delete;
    ~Counted() { --count_; }

private:
    int& count_;
};

}  // namespace

Scheduler::Scheduler(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      guard_(dependencies_.catalog, dependencies_.time, dependencies_.conditions),
      moved_({.catalog = dependencies_.catalog,
              .journal = dependencies_.journal,
              .time = dependencies_.time,
              .hooks = dependencies_.hooks,
              .trash = dependencies_.trash,
              .conditions = dependencies_.conditions}),
      links_(dependencies_.journal),
      snapshots_({.engine = dependencies_.engine,
                  .catalog = dependencies_.catalog,
                  .journal = dependencies_.journal,
                  .time = dependencies_.time,
                  .clock = dependencies_.clock,
                  .conditions = dependencies_.conditions,
                  .evidence = dependencies_.evidence,
                  .guard = guard_,
                  .moved = moved_,
                  .links = links_,
                  .zone = dependencies_.zone}),
      leftovers_({.engine = dependencies_.engine,
                  .catalog = dependencies_.catalog,
                  .journal = dependencies_.journal,
                  .time = dependencies_.time,
                  .clock = dependencies_.clock}),
      owed_hooks_(dependencies_.journal, dependencies_.hooks, dependencies_.engine.leases(), dependencies_.conditions),
      clean_up_({.engine = dependencies_.engine,
                 .catalog = dependencies_.catalog,
                 .time = dependencies_.time,
                 .clock = dependencies_.clock,
                 .trash = dependencies_.trash,
                 .evidence = dependencies_.evidence,
                 .conditions = dependencies_.conditions,
                 .zone = dependencies_.zone,
                 .snapshots = snapshots_,
                 .owed_hooks = owed_hooks_,
                 .gather = [this](Asker asker) { return gather(asker); },
                 .backups_changed = dependencies_.backups_changed}),
      clean_up_times_({.executor = dependencies_.executor,
                       .clean_up = clean_up_,
                       .leftovers = leftovers_,
                       .trash = dependencies_.trash,
                       .snapshots = snapshots_,
                       .time = dependencies_.time,
                       .is_run_in_progress = [this] { return current_.has_value() || !endings_.empty(); },
                       .backups_changed = dependencies_.backups_changed,
                       .ended = [this] { check_again(); },
                       .max_sleep = dependencies_.max_sleep}),
      endings_({.executor = dependencies_.executor,
                .engine = dependencies_.engine,
                .time = dependencies_.time,
                .hooks = dependencies_.hooks,
                .alerts = dependencies_.alerts,
                .owed_hooks = owed_hooks_,
                .clean_ups = clean_up_times_,
                .is_exporting = [this] { return can_start_ || is_export_running(); },
                .ended =
                    [this] {
                        recovering_ = false;
                        check_again();
                    },
                .max_sleep = dependencies_.max_sleep}),
      wake_up_(dependencies_.executor, dependencies_.time, dependencies_.max_sleep),
      hook_changed_(dependencies_.executor, dependencies_.time, dependencies_.max_sleep) {
    dependencies_.engine.ask_before_orders([this](Vm const* vm) { return why_unwanted(vm); });
}

Scheduler::~Scheduler() { dependencies_.engine.ask_before_orders({}); }

Settings Scheduler::settings_now(ScheduleSnapshot const& snapshot) const {
    auto settings = dependencies_.settings().settings;
    settings.paused = paused();
    if (guard_.is_trial()) settings.slots = std::min(settings.slots, 1);
    settings.slots += snapshot.slotless;
    return settings;
}

void Scheduler::job_changed(Job const& job) {
    if (job.phase == Phase::finished) {
        snapshots_.note(job);
        guard_.note(job);
        owed_hooks_.note(job);
        if (job.scheduled && job.outcome == Outcome::succeeded) clean_up_times_.note_success();
    }
    // A slot became free, or a folder is new: the phases in between change no decision. A commit that was refused, and
    // an export that makes no progress, have left their slot.
    bool const has_left_its_slot = (job.phase == Phase::committing || job.phase == Phase::following) && job.error;
    if (job.phase == Phase::inspecting || job.phase == Phase::finished || has_left_its_slot) wake_up_.poke();
}

void Scheduler::configured() {
    guard_.test_now();
    endings_.check_again();
    hook_changed_.poke();
    check_again();
}

task<void> Scheduler::load_pause() {
    auto const read = co_await dependencies_.journal.fact(paused_fact);
    if (read && !paused_) paused_ = *read && **read == "yes";
}

/// What was queued in an open window may get its slot hours later.
std::optional<Error> Scheduler::why_unwanted(Vm const* vm) const {
    auto const schedule = dependencies_.settings();
    if (!schedule.configured)
        return Error{Errc::cancelled, "it was not ordered: [Schedule] was removed from the configuration"};
    auto settings = schedule.settings;
    settings.paused = paused_.value_or(false);
    return why_withdrawn(settings, vm, dependencies_.time.now(), dependencies_.zone);
}

/// Waits until it is known: an export must not start against a pause. A person may decide it meanwhile.
task<void> Scheduler::read_pause() {
    constexpr auto read_again_after = 1min;
    while (!paused_) {
        auto const read = co_await dependencies_.journal.fact(paused_fact);
        if (paused_) break;
        if (read) {
            paused_ = *read && **read == "yes";
            break;
        }
        dependencies_.conditions.raise(ConditionKind::journal_unreadable, read.error().context);
        auto const again = dependencies_.time.now() + read_again_after;
        co_await wake_up_.wait_until(again);
    }
    dependencies_.conditions.clear(ConditionKind::journal_unreadable);
}

task<void> Scheduler::load_state() {
    if (std::exchange(is_loaded_, true)) co_return;
    guard_.load();
    auto const missing_vms = co_await dependencies_.journal.fact(missing_vms_fact);
    if (missing_vms && *missing_vms) {
        recorded_missing_vms_ = MissingVms::from_text(**missing_vms);
        snapshots_.remember_missing_vms(*recorded_missing_vms_);
    }
    co_await load_window();
    co_await owed_hooks_.load();
    auto jobs = co_await dependencies_.journal.recent(ports::journal_depth);
    if (!jobs) co_return;
    std::ranges::reverse(*jobs);
    for (auto const& job : *jobs) {
        snapshots_.note(job);
        guard_.note_earlier(job);
    }
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

/// By a clock in doubt, every copy may look so, and in another place there are none.
void Scheduler::note_future_copies(RetentionFacts const& facts) {
    if (!facts.clock_doubt.empty() || !facts.storage_problem.empty()) return;
    constexpr auto kind = ConditionKind::copy_from_the_future;
    std::set<std::string> found;
    for (auto const& copy : copies_from_the_future(facts)) {
        found.insert(copy.vm.text());
        dependencies_.conditions.raise(kind,
                                       "backup '" + copy.backup + "' of VM " + copy.vm_name + " is dated " +
                                           moment_text(copy.started, dependencies_.zone),
                                       copy.vm.text());
    }
    for (auto const& condition : dependencies_.conditions.all())
        if (condition.kind == kind && !found.contains(condition.subject))
            dependencies_.conditions.clear(kind, condition.subject);
}

task<void> Scheduler::run() {
    using namespace asio::experimental::awaitable_operators;
    std::function<task<void>()> exports = [this] { return export_turn(); };
    std::function<task<void>()> endings = [this] { return endings_.turn(); };
    std::function<task<void>()> clean_ups = [this] { return clean_up_times_.turn(); };
    co_await read_pause();
    co_await load_state();
    auto exporting = repeat(dependencies_.time, supervised("scheduling exports"), std::move(exports));
    auto ending = repeat(dependencies_.time, supervised("ending a run"), std::move(endings));
    auto cleaning = repeat(dependencies_.time, supervised("cleaning up"), std::move(clean_ups));
    co_await (std::move(exporting) && std::move(ending) && std::move(cleaning));
}

/// The daemon must never keep running without its schedule.
Repetition Scheduler::supervised(std::string activity) {
    Repetition repetition;
    repetition.what = std::move(activity);
    repetition.after_a_bug = 1min;
    repetition.failed = [this](std::string const& problem) {
        recovering_ = true;
        dependencies_.alerts.schedule_blocked(ports::Blocked::internal, problem);
    };
    return repetition;
}

std::optional<Error> Scheduler::why_no_schedule() const {
    if (dependencies_.settings().configured) return std::nullopt;
    return Error{Errc::refused, "the configuration has no [Schedule], so there is nothing to run"};
}

/// Of the run that has begun, the exports follow its hook.
std::string Scheduler::why_exports_wait() const {
    if (!current_ || current_->phase != RunPhase::pre_hook) return {};
    return "PreSchedule of run " + std::to_string(current_->id) + " runs since " +
           moment_text(pre_schedule_since_.value_or(current_->started), dependencies_.zone) +
           "; the exports start when it has ended, or has reached HookTimeout";
}

task<Result<RunStarted>> Scheduler::start_now(std::function<Result<void>()> is_wanted) {
    auto const settings = dependencies_.settings();
    auto const now = dependencies_.time.now();
    if (auto const none = why_no_schedule()) co_return *none;
    if (!paused_)
        co_return Error{Errc::refused, with_remedy(ConditionKind::journal_unreadable,
                                                   "it is not known whether the schedule is paused")};
    if (*paused_) co_return Error{Errc::refused, "the schedule is paused; to resume it: scale-backupctl resume"};
    if (!current_ && !is_open(settings.settings.timing.window, now, dependencies_.zone)) {
        auto const opens = next_change(settings.settings.timing.window, now, dependencies_.zone);
        co_return Error{Errc::refused, "outside the backup window, which opens " +
                                           (opens ? moment_text(*opens, dependencies_.zone) : std::string("never"))};
    }
    // A person's order ends the pauses after failures.
    dependencies_.engine.try_cluster_again();
    guard_.test_now();
    wake_up_.poke();
    if (current_) co_return RunStarted{*current_, true};
    bool const already_requested = command_ == Command::start;
    command_ = Command::start;
    start_error_.reset();
    Counted const counted(start_orders_);
    // The scheduler starts the run at its next turn. A run with nothing to do may already have finished.
    auto const started_before = runs_started_;
    for (int turns = 0; runs_started_ == started_before && !start_error_ && turns < 600; ++turns) {
        auto const soon = dependencies_.time.steady_now() + 50ms;
        co_await dependencies_.time.sleep_until(soon);
        // A command that the scheduler has taken becomes a run, whether or not a client waits for it.
        bool const is_taken = command_ != Command::start;
        if (!is_wanted || is_taken || runs_started_ != started_before) continue;
        auto const wanted = is_wanted();
        if (wanted) continue;
        if (start_orders_ == 1) command_ = Command::none;  // unless another client waits for it, too
        co_return wanted.error();
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
    hook_changed_.poke();
    co_return boost::system::in_place_value;
}

std::optional<Scheduler::DelayedHook> Scheduler::delayed_hook() const {
    auto const since = endings_.delayed_hook_since();
    if (!since) return std::nullopt;
    return DelayedHook{*owed_hooks_.running(), *since, owed_hooks_.count()};
}

task<Result<std::vector<Run>>> Scheduler::runs(std::size_t limit) {
    auto runs = co_await dependencies_.journal.recent_runs(limit);
    if (!runs) co_return runs;
    for (auto& run : *runs) {
        if (run.phase == RunPhase::finished) continue;
        auto counted = co_await with_results(dependencies_.engine, run);
        run = std::move(counted.run);
        bool const is_idle = waits_for_ending_ && current_ && current_->id == run.id && !endings_.empty();
        if (is_idle) run.phase = RunPhase::waiting;
    }
    co_return runs;
}

task<Result<GatheredFacts>> Scheduler::gather(Asker asker) {
    snapshots_.reread_folders();  // they may have been changed manually a moment ago
    auto timing = dependencies_.settings().settings.timing;
    constexpr Milliseconds vm_age = 5s;
    auto snapshot = co_await snapshots_.take(std::move(timing), vm_age, asker);
    if (!snapshot) co_return snapshot.error();
    co_await record_missing_vms();
    note_future_copies(snapshot->retention);
    GatheredFacts gathered;
    gathered.snapshot = std::move(*snapshot);
    auto& hold = gathered.snapshot.facts.hold;
    if (hold.empty()) hold = why_exports_wait();
    gathered.settings = settings_now(gathered.snapshot);
    gathered.policy = dependencies_.settings().policy;
    co_return gathered;
}

task<Result<Scheduler::WhyFacts>> Scheduler::why_facts(Vm vm) {
    auto gathered = co_await gather();
    if (!gathered) co_return gathered.error();
    WhyFacts facts;
    facts.forecast = forecast_facts(std::move(*gathered));
    if (auto const job = snapshots_.history().last_failure(vm.uuid))
        facts.failure =
            LastFailure{job->finished.value_or(UtcTime{}), job->error ? job->error->context : std::string()};
    co_return facts;
}

}  // namespace sb::engine
