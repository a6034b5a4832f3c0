#pragma once
// What follows the exports of a run, beside those of the next one: the delayed PostBackup hooks, the clean-up, the
// PostSchedule hook and the report. One run at a time, in their order. Between runs it runs the hooks that are owed.

#include "daemon/core/run.hpp"
#include "daemon/engine/clean_up_times.hpp"
#include "daemon/engine/owed_hooks.hpp"
#include "daemon/engine/wake_up.hpp"
#include "daemon/ports/alerts.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace sb::engine {

/// A run with what is known now about its jobs.
struct RunResults {
    core::Run run;
    std::vector<core::Job> failed;
};

/// Counts the results of the run's jobs, also while it collects exports; those that are unfinished count for nothing.
task<RunResults> with_results(Engine& engine, core::Run run);

class RunEndings {
public:
    struct Dependencies {
        asio::any_io_executor executor;
        Engine& engine;
        ports::Time& time;
        ports::JobHooks& hooks;
        ports::Alerts& alerts;
        OwedHooks& owed_hooks;
        CleanUpTimes& clean_ups;
        std::function<bool()> is_exporting;  ///< a scheduled export runs or can start: no hook of a job starts then
        std::function<void()> ended;         ///< a run
        Milliseconds max_sleep;              ///< see WakeUp
    };

    explicit RunEndings(Dependencies dependencies)
        : dependencies_(std::move(dependencies)),
          wake_up_(dependencies_.executor, dependencies_.time, dependencies_.max_sleep) {}

    /// A run whose exports have ended, or that is a day old: its phase is `delayed_hooks` or a later one.
    void add(core::Run run);
    bool empty() const { return runs_.empty(); }
    bool contains(core::RunId id) const;
    /// The one that ends now.
    std::optional<core::Run> current() const;
    /// Exports ended, or cannot start now.
    void check_again() { wake_up_.poke(); }
    /// When the delayed hook that runs now was started, if one runs.
    std::optional<UtcTime> delayed_hook_since() const {
        return dependencies_.owed_hooks.running() ? hook_since_ : std::nullopt;
    }
    /// One turn: ends a run, or runs a hook, or waits.
    task<void> turn();

private:
    task<void> end(core::Run& run);
    task<std::vector<core::Job>> count_results(core::Run& run);
    task<void> run_delayed_hooks(core::Run& run);
    task<std::optional<EndedHook>> run_owed_hook();
    task<void> clean_up(core::Run& run);
    task<void> save(core::Run& run, core::RunPhase next);

    Dependencies dependencies_;
    WakeUp wake_up_;
    std::optional<UtcTime> hook_since_;
    std::deque<core::Run> runs_;  ///< oldest first; few: a run collects exports until the one before it has ended
};

/// Runs PreSchedule or PostSchedule, if it is set; its failure is a problem of the run.
task<void> run_schedule_hook(ports::JobHooks& hooks, HookKind kind, core::Run& run);

}  // namespace sb::engine
