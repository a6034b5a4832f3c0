#pragma once
// Executes the schedule: starts runs when the core's plan says so, follows them to their end, and answers questions
// about the schedule with the same functions. core::plan() and core::evaluate_retention() make all decisions.

#include "daemon/async/task.hpp"
#include "daemon/core/run.hpp"
#include "daemon/core/why.hpp"
#include "daemon/engine/clock_watch.hpp"
#include "daemon/engine/leftovers.hpp"
#include "daemon/engine/owed_hooks.hpp"
#include "daemon/engine/schedule_snapshot.hpp"
#include "daemon/engine/wake_up.hpp"
#include "daemon/ports/alerts.hpp"
#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/journal.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sb::engine {

struct RunStarted {
    core::Run run;
    bool joined = false;  ///< a run was already in progress
};

struct Pruned {
    std::vector<std::string> deleted;
    std::vector<std::string> problems;
    bool stopped = false;  ///< stopped early; one of the problems says why
};

struct RetentionResult {
    std::vector<core::Stored> backups;
    std::vector<core::Verdict> verdicts;  ///< one for each of them
    core::RetentionPolicy policy;
    std::string objection;  ///< why nothing may be deleted now
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
        core::Zone const& zone;
        std::function<ScheduleSettings()> settings;                       ///< as configured at this moment
        std::function<std::string(std::string const&)> safe_folder_name;  ///< replaces what SMB and Windows refuse
        Milliseconds max_sleep = std::chrono::seconds(10);                ///< see WakeUp
        std::function<void()> backups_changed = [] {};                    ///< by a clean-up
    };

    explicit Scheduler(Dependencies dependencies);

    /// Runs forever; ends when cancelled.
    task<void> run();
    /// Call it for every change of a job.
    void job_changed(core::Job const& job);
    /// The configuration changed, or something else that may change the plan.
    void check_again() { wake_up_.poke(); }
    /// Something else changed a backup.
    void folders_changed() { snapshots_.folders_changed(); }

    /// Refused outside the window, while paused, and without [Schedule]. The cluster's error if it does not list its
    /// VMs.
    task<Result<RunStarted>> start_now();
    task<Result<void>> set_paused(bool paused);
    bool paused() const { return paused_; }
    std::optional<core::Run> current_run() const { return current_; }
    task<Result<std::vector<core::Run>>> runs(std::size_t limit) { return dependencies_.journal.recent_runs(limit); }

    /// The current facts, for the questions below and for the status.
    task<Result<GatheredFacts>> gather();
    task<Result<std::vector<std::string>>> why(core::Vm vm);
    task<Result<RetentionResult>> evaluate_retention();
    /// Applies retention now. Refused without `yes` if it would delete more than half of all backups.
    task<Result<Pruned>> prune(bool yes);
    std::optional<core::Plan> const& last_plan() const { return last_plan_; }

private:
    /// VMs and their tags may change at any time.
    static constexpr auto check_every = std::chrono::minutes(10);
    /// After a backup could not be queued, for example because the journal's disk is full.
    static constexpr auto after_refusal = std::chrono::minutes(1);

    enum class Command { none, start };

    task<void> load_state();
    task<void> resume_unfinished_run();
    task<void> check_once();
    task<core::Plan> plan_now(ScheduleSnapshot& snapshot);
    task<void> follow_run(core::Run run);
    task<void> export_all(core::Run& run);
    task<bool> start_exports(core::Run& run, core::Plan const& plan, ScheduleSnapshot const& snapshot);
    task<void> count_results(core::Run& run, std::vector<core::Job>& failed);
    task<void> run_delayed_hooks(core::Run& run);
    task<void> run_hooks_between_runs();
    task<void> run_schedule_hook(core::Run& run, HookKind kind);
    /// False if nothing may be deleted, not even leftovers: LocalPath may not be where the backups were written, or the
    /// clock is in doubt.
    task<bool> clean_up(core::Run& run);
    task<void> clean_up_leftovers(core::Run& run);
    task<void> save(core::Run& run);
    task<Pruned> delete_expired(RetentionResult retention, std::uint64_t evaluated_version);
    task<std::string> why_stop_deleting();
    task<std::string> evaluate_again(std::set<std::string>& to_delete, std::uint64_t& evaluated_version);
    task<void> record_missing_vms();
    std::string folder_name_for(core::Vm const& vm) const;
    UtcTime present_opening() const;
    core::Settings settings_now(ScheduleSnapshot const& snapshot) const;
    void report(core::Plan const& plan, ScheduleSnapshot const& snapshot);

    Dependencies dependencies_;
    SnapshotTaker snapshots_;
    Leftovers leftovers_;
    OwedHooks owed_hooks_;
    WakeUp wake_up_;
    bool paused_ = false;
    Command command_ = Command::none;
    std::optional<core::Run> current_;
    bool recovering_ = false;  ///< from an internal error, until a run has finished
    std::uint64_t runs_started_ = 0;
    core::Run last_started_;
    std::optional<Error> start_error_;  ///< why the last command started no run
    std::optional<core::Plan> last_plan_;
    std::optional<core::MissingVms> recorded_missing_vms_;  ///< as in the journal
};

}  // namespace sb::engine
