#pragma once
// Executes the schedule, and answers questions about it. core::plan() and core::evaluate_retention() make all
// decisions.
//
// Three activities run beside each other, so that none stands in another's way:
// - exports: each turn gathers the facts, plans, and starts what is due in the free slots, at least every ten minutes.
//   A run is the bookkeeping of these exports: it begins with PreSchedule, collects the exports until no VM is due and
//   none runs, a day at most, and is then handed over to
// - the endings (RunEndings): delayed hooks, clean-up, PostSchedule, report. A VM that becomes due meanwhile is
//   exported in the next run, which begins beside it. That run ends only after the one before it; until then it
//   collects what becomes due. So there are two runs at most, apart from those that are a day old.
// - extra clean-ups (CleanUpTimes).
// Each activity is repeated: one that ends by an internal error is reported and starts again a minute later.
//
// A day-old run does not wait for the exports that still run: the next run counts them.

#include "daemon/async/task.hpp"
#include "daemon/core/run.hpp"
#include "daemon/core/why.hpp"
#include "daemon/core/window_watch.hpp"
#include "daemon/engine/clean_up.hpp"
#include "daemon/engine/clean_up_times.hpp"
#include "daemon/engine/clock_watch.hpp"
#include "daemon/engine/export_guard.hpp"
#include "daemon/engine/leftovers.hpp"
#include "daemon/engine/linked_vms.hpp"
#include "daemon/engine/moved_backups.hpp"
#include "daemon/engine/owed_hooks.hpp"
#include "daemon/engine/repeat.hpp"
#include "daemon/engine/run_endings.hpp"
#include "daemon/engine/schedule_snapshot.hpp"
#include "daemon/engine/wake_up.hpp"
#include "daemon/ports/alerts.hpp"
#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/journal.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

struct RunStarted {
    core::Run run;
    bool joined = false;  ///< a run was already in progress
};

class Scheduler {
public:
    struct Dependencies {
        asio::any_io_executor executor;
        Engine& engine;
        ports::Catalog& catalog;
        ports::Journal& journal;
        ports::Time& time;
        ports::JobHooks& hooks;
        ports::Alerts& alerts;
        ClockWatch& clock;
        ConditionRegistry& conditions;
        Trash& trash;
        Evidence& evidence;
        core::Zone const& zone;
        std::function<ScheduleSettings()> settings;                       ///< as configured at this moment
        std::function<std::string(std::string const&)> safe_folder_name;  ///< replaces what SMB and Windows refuse
        Milliseconds max_sleep = std::chrono::seconds(10);                ///< see WakeUp
        std::function<void()> backups_changed = [] {};                    ///< by a clean-up
    };

    explicit Scheduler(Dependencies dependencies);
    Scheduler(Scheduler const&) = delete;
    Scheduler& operator=(Scheduler const&) = delete;
    ~Scheduler();

    /// Runs forever; ends when cancelled.
    task<void> run();
    /// Call it for every change of a job, before a finished job releases its lease.
    void job_changed(core::Job const& job);
    /// Something may have changed the plan.
    void check_again() { wake_up_.poke(); }
    /// After a reload, which may have removed the cause of failures: also ends the pauses after them.
    void configured();
    /// Something else changed a backup.
    void folders_changed() { snapshots_.folders_changed(); }

    /// Refused outside the window, while paused, and without [Schedule]. The cluster's error if it does not list its
    /// VMs. `is_wanted` is asked until the run has started: its error takes the order back.
    task<Result<RunStarted>> start_now(std::function<Result<void>()> is_wanted = {});
    task<Result<void>> set_paused(bool paused);
    /// Call it before jobs are resumed, which must not be ordered against a pause. One attempt: run() repeats it.
    task<void> load_pause();
    /// Why there is no schedule to run or to explain; empty = there is one.
    std::optional<Error> why_no_schedule() const;
    /// Also while that is not known, because the journal cannot be read.
    bool paused() const { return paused_.value_or(true); }
    /// The one that collects exports; otherwise the one that is ending.
    std::optional<core::Run> current_run() const { return current_ ? current_ : endings_.current(); }
    /// The delayed PostBackup hook that runs now, since when, and how many are owed with it.
    struct DelayedHook {
        core::OwedHook hook;
        UtcTime since;
        std::size_t owed = 0;
    };
    std::optional<DelayedHook> delayed_hook() const;
    /// The newest ones; those in progress with the results so far.
    task<Result<std::vector<core::Run>>> runs(std::size_t limit);

    /// The current facts, for the questions below and for the status. While PreSchedule runs, no VM may start.
    task<Result<GatheredFacts>> gather(Asker asker = Asker::person);
    /// What core::why() needs; it simulates nights, so call that off the event loop.
    struct WhyFacts {
        core::ForecastFacts forecast;
        std::optional<core::LastFailure> failure;
        int days_ahead = 60;
    };
    task<Result<WhyFacts>> why_facts(core::Vm vm);
    CleanUp& clean_up() { return clean_up_; }
    ExportGuard& guard() { return guard_; }
    LinkedVms& links() { return links_; }
    std::optional<core::Plan> const& last_plan() const { return last_plan_; }

private:
    /// VMs and their tags may change at any time.
    static constexpr auto check_every = std::chrono::minutes(10);
    /// After a backup could not be queued.
    static constexpr auto after_refusal = std::chrono::minutes(1);
    static constexpr auto test_journal_every = std::chrono::seconds(5);  ///< while it cannot be written

    enum class Command { none, start };

    Repetition supervised(std::string activity);
    task<void> read_pause();
    std::optional<Error> why_unwanted(core::Vm const* vm) const;
    task<void> load_state();
    task<void> resume_unfinished_runs();
    task<void> export_turn();
    task<void> check_once();
    task<void> run_pre_schedule();
    task<void> run_hook(std::exception_ptr& bug);
    task<void> wait_until_hook_is_needless(std::string command);
    static bool is_watched_closely(ScheduleSnapshot const& snapshot);
    task<void> wait(core::Plan plan, bool all_started);
    task<void> wait_until(UtcTime when);
    task<core::Plan> plan_now(ScheduleSnapshot& snapshot);
    task<void> consider_run(core::Plan plan, ScheduleSnapshot const& snapshot);
    task<void> begin_run(core::RunTrigger trigger);
    task<void> continue_run(core::Plan plan, ScheduleSnapshot const& snapshot);
    task<void> hand_over_run(core::Plan plan, ScheduleSnapshot const& snapshot);
    task<bool> start_exports(core::Run& run, core::Plan const& plan, ScheduleSnapshot const& snapshot);
    task<void> watch_window(core::Plan plan, ScheduleSnapshot const& snapshot);
    task<void> report_window(core::ClosedWindow window, ScheduleSnapshot const& snapshot);
    task<void> load_window();
    task<void> record_window();
    task<void> record_missing_vms();
    void note_future_copies(core::RetentionFacts const& facts);
    std::string folder_name_for(core::Vm const& vm) const;
    bool is_export_running() const;
    bool has_lasted_long_enough(core::Run const& run) const;
    core::Settings settings_now(ScheduleSnapshot const& snapshot) const;
    std::string why_exports_wait() const;
    void report(core::Plan const& plan, ScheduleSnapshot const& snapshot);
    bool is_held_for_long(core::Plan const& plan);

    Dependencies dependencies_;
    ExportGuard guard_;
    MovedBackups moved_;
    LinkedVms links_;
    SnapshotTaker snapshots_;
    Leftovers leftovers_;
    OwedHooks owed_hooks_;
    CleanUp clean_up_;
    CleanUpTimes clean_up_times_;
    RunEndings endings_;
    WakeUp wake_up_;
    WakeUp hook_changed_;                        ///< perhaps: a reload
    std::optional<UtcTime> pre_schedule_since_;  ///< when PreSchedule of `current_` was started
    std::optional<bool> paused_;                 ///< empty = not known yet: nothing is started
    bool is_loaded_ = false;
    Command command_ = Command::none;
    int start_orders_ = 0;              ///< clients that wait for the run that they ordered
    bool waits_for_ending_ = false;     ///< current_ only waits for the run before it to end
    std::optional<core::Run> current_;  ///< collects exports: its phase is pre_hook or exporting
    bool is_resumed_ = false;           ///< current_ and endings_ are those of the journal
    bool can_start_ = true;             ///< as far as known, a scheduled export can start now
    std::vector<JobId> carried_;        ///< exports that ran when a day-old run ended
    bool recovering_ = false;           ///< from an internal error, until a run has finished
    std::uint64_t runs_started_ = 0;
    core::Run last_started_;
    std::optional<Error> start_error_;      ///< why the last command started no run
    std::optional<SteadyTime> held_since_;  ///< since when VMs are due in the open window, and none may be ordered
    std::optional<core::Plan> last_plan_;
    std::optional<core::MissingVms> recorded_missing_vms_;  ///< as in the journal
    core::WindowWatch window_watch_;
    std::optional<UtcTime> recorded_window_;  ///< the opening of the watched one, as in the journal
};

}  // namespace sb::engine
