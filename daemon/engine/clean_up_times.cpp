#include "daemon/engine/clean_up_times.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

constexpr auto every_day = 24h;
/// The clean-up of a run in progress comes at its end, so the extra ones wait for that, but not without a limit.
constexpr auto during_a_run = 48h;
constexpr auto after_successes_in_a_run = 6h;
constexpr auto first_after_start = 6h;
constexpr auto for_room = 10min;
constexpr auto for_room_again = 1h;  ///< after one that deleted nothing, and no backup has changed since
constexpr auto trash_every = 1h;
constexpr auto longest_wait = 10min;
constexpr std::size_t max_unreported = 100;
constexpr std::size_t max_unreported_deleted = 1000;

}  // namespace

CleanUpTimes::CleanUpTimes(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      wake_up_(dependencies_.executor, dependencies_.time, dependencies_.max_sleep),
      last_(dependencies_.time.steady_now() - every_day + first_after_start) {}

void CleanUpTimes::note_success() {
    after_success_ = true;
    wake_up_.poke();
}

void CleanUpTimes::note_no_space() {
    if (!std::exchange(no_space_, true)) wake_up_.poke();
}

bool CleanUpTimes::is_due(SteadyTime now) const {
    auto const since = now - last_;
    bool const in_a_run = dependencies_.is_run_in_progress();
    if (since >= (in_a_run ? during_a_run : every_day)) return true;
    if (after_success_ && (!in_a_run || since >= after_successes_in_a_run)) return true;
    if (!no_space_) return false;
    if (!fruitless_at_version_) return true;
    bool const has_changed = *fruitless_at_version_ != dependencies_.snapshots.version();
    return since >= (has_changed ? Milliseconds(for_room) : Milliseconds(for_room_again));
}

task<Pruned> CleanUpTimes::clean_up_for_run() {
    auto pruned = co_await clean_up();
    pruned.problems.insert(pruned.problems.begin(), unreported_.begin(), unreported_.end());
    unreported_.clear();
    pruned.deleted.insert(pruned.deleted.begin(), unreported_deleted_.begin(), unreported_deleted_.end());
    unreported_deleted_.clear();
    co_return pruned;
}

/// Backups by the rules, then leftovers, if anything may be deleted.
task<Pruned> CleanUpTimes::clean_up() {
    auto const lock = co_await mutex_.lock();
    after_success_ = false;
    auto pruned = co_await dependencies_.clean_up.clean_up();
    if (!pruned.stopped) {
        auto const done = co_await dependencies_.leftovers.clean_up();
        pruned.problems.insert(pruned.problems.end(), done.problems.begin(), done.problems.end());
        if (done.rescued > 0) {
            dependencies_.snapshots.folders_changed();
            dependencies_.backups_changed();
        }
    }
    last_ = dependencies_.time.steady_now();
    co_return pruned;
}

task<void> CleanUpTimes::empty_trash(SteadyTime now) {
    if (emptied_ && now - *emptied_ < trash_every) co_return;
    emptied_ = now;
    auto const waiting = dependencies_.trash.entries().size();
    auto const problems = co_await dependencies_.trash.remove_expired();
    if (dependencies_.trash.entries().size() < waiting) dependencies_.ended();
    for (auto const& problem : problems) spdlog::warn("{}", problem);
}

task<void> CleanUpTimes::turn() {
    auto const now = dependencies_.time.steady_now();
    co_await empty_trash(now);
    if (!is_due(now)) {
        auto const later = dependencies_.time.now() + longest_wait;
        co_await wake_up_.wait_until(later);
        co_return;
    }
    bool const for_an_export = std::exchange(no_space_, false);
    spdlog::info("cleaning up{}", for_an_export ? ", because a VM that is due does not fit into LocalPath" : "");
    auto const pruned = co_await clean_up();
    for (auto const& problem : pruned.problems) {
        spdlog::warn("{}", problem);
        bool const is_new = std::ranges::find(unreported_, problem) == unreported_.end();
        if (is_new && unreported_.size() < max_unreported) unreported_.push_back(problem);
    }
    for (auto const& name : pruned.deleted)
        if (unreported_deleted_.size() < max_unreported_deleted) unreported_deleted_.push_back(name);
    if (for_an_export) fruitless_at_version_.reset();
    // Read after the clean-up, which may have changed it.
    if (for_an_export && pruned.deleted.empty()) fruitless_at_version_ = dependencies_.snapshots.version();
    dependencies_.ended();
}

}  // namespace sb::engine
