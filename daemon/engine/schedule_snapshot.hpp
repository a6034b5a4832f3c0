#pragma once
// Everything that the core's scheduling functions want to know, gathered at one moment. The scheduler, `show-queue`,
// `why`, `plan` and `prune` look through the same glass.

#include "daemon/core/missing_vms.hpp"
#include "daemon/core/forecast.hpp"
#include "daemon/core/history.hpp"
#include "daemon/engine/engine.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_set>
#include <vector>

namespace sb::engine {

/// The configured schedule as the core wants it.
struct ScheduleSettings {
    bool configured = false;
    core::Settings settings;
    core::RetentionPolicy policy;
};

struct ScheduleSnapshot {
    core::Facts facts;
    core::RetentionFacts retention;
    std::vector<VmUuid> in_hand;  ///< of every unfinished job
    int slotless = 0;             ///< so many of them no longer take a slot
    std::uint64_t free_bytes = 0;
    std::optional<Error> cluster_error;  ///< why the VMs are not known
};

class SnapshotTaker {
public:
    SnapshotTaker(Engine& engine, ports::Catalog& catalog, ports::Time& time)
        : engine_(engine), catalog_(catalog), time_(time) {}

    /// `opening`: of the present window; failures before it no longer count. `vm_age`: how old the list of VMs may be.
    task<Result<ScheduleSnapshot>> look(UtcTime opening, Milliseconds vm_age);

    /// A backup came or went: the folders are read again at the next look.
    void folders_changed() {
        ++folder_changes_;
        ++news_;
    }
    /// Nothing is known to have changed, but somebody may have done it by hand: the same reading, and no news.
    void read_folders_afresh() { ++folder_changes_; }
    /// Goes up when a backup is known to have changed: what was judged before that is judged again.
    std::uint64_t news() const { return news_; }
    void note(core::Job const& job);
    core::History const& history() const { return history_; }
    /// The latest time that the journal or a manifest has recorded.
    void remember_time(UtcTime time);
    std::optional<UtcTime> last_recorded() const { return last_recorded_; }
    void remember_missing_vms(core::MissingVms missing_vms) { missing_vms_ = std::move(missing_vms); }
    core::MissingVms const& missing_vms() const { return missing_vms_; }

private:
    task<Result<void>> read_folders();
    void note_vms(std::unordered_set<VmUuid> const& existing, UtcTime now);
    void note_missing_vms(core::RetentionFacts& retention, core::Facts const& facts, bool list_is_complete);

    Engine& engine_;
    ports::Catalog& catalog_;
    ports::Time& time_;
    core::History history_;
    std::uint64_t folder_changes_ = 1;  ///< so many that we know of
    std::uint64_t news_ = 0;
    std::uint64_t changes_seen_ = 0;  ///< so many are in backups_
    SteadyTime folders_read_at_{};
    std::vector<core::Backup> backups_;
    std::map<VmUuid, UtcTime> first_seen_;
    core::MissingVms missing_vms_;
    std::optional<UtcTime> last_recorded_;
    std::optional<UtcTime> clock_behind_since_;
};

}  // namespace sb::engine
