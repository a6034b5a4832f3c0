#pragma once
// When the clean-up runs: at the end of a run, and beyond that on its own: after backups outside of runs, once a day,
// and whenever a VM is due and does not fit, also if nothing can be exported. One at a time. Removes from the trash
// each hour what has waited there long enough.

#include "daemon/async/async_mutex.hpp"
#include "daemon/engine/clean_up.hpp"
#include "daemon/engine/leftovers.hpp"
#include "daemon/engine/wake_up.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

class CleanUpTimes {
public:
    struct Dependencies {
        asio::any_io_executor executor;
        CleanUp& clean_up;
        Leftovers& leftovers;
        Trash& trash;
        SnapshotTaker& snapshots;
        ports::Time& time;
        std::function<bool()> is_run_in_progress;  ///< its clean-up comes at its end
        std::function<void()> backups_changed;
        std::function<void()> ended;  ///< an extra clean-up, or what waited in the trash is gone: more may fit now
        Milliseconds max_sleep;       ///< see WakeUp
    };

    explicit CleanUpTimes(Dependencies dependencies);

    /// The clean-up of a run. Its problems include those of the extra ones since the last run.
    task<Pruned> clean_up_for_run();
    /// A scheduled backup succeeded: an older one may be surplus.
    void note_success();
    /// A VM that is due does not fit into LocalPath.
    void note_no_space();
    /// One turn of the extra ones: waits until there is something to do, or for some minutes.
    task<void> turn();

private:
    bool is_due(SteadyTime now) const;
    task<Pruned> clean_up();
    task<void> empty_trash(SteadyTime now);

    Dependencies dependencies_;
    WakeUp wake_up_;
    AsyncMutex mutex_;
    SteadyTime last_;  ///< when the last clean-up ended; at first such that one comes 6 hours after the start
    std::optional<SteadyTime> emptied_;            ///< when the trash was
    std::vector<std::string> unreported_deleted_;  ///< by extra clean-ups, for the report of the next run
    std::vector<std::string> unreported_;          ///< problems of extra clean-ups, for the report of the next run
    bool after_success_ = false;
    bool no_space_ = false;
    /// The last extra clean-up for room deleted nothing, with the backups in this state.
    std::optional<std::uint64_t> fruitless_at_version_;
};

}  // namespace sb::engine
