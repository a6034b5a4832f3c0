#pragma once
// The facts that the core's scheduling functions need, gathered at one moment. The scheduler, `show-queue`, `why`,
// `plan` and `prune` use the same facts.

#include "daemon/core/missing_vms.hpp"
#include "daemon/core/forecast.hpp"
#include "daemon/core/history.hpp"
#include "daemon/engine/clock_watch.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/evidence.hpp"
#include "daemon/engine/export_guard.hpp"
#include "daemon/engine/linked_vms.hpp"
#include "daemon/engine/moved_backups.hpp"
#include "daemon/engine/silent_folders.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace sb::engine {

/// The configured schedule, in the core's types.
struct ScheduleSettings {
    bool configured = false;
    core::Settings settings;
    core::RetentionPolicy policy;
};

struct ScheduleSnapshot {
    bool taken = false;  ///< false: the backups could not be read, and nothing here is known
    core::Facts facts;
    core::RetentionFacts retention;
    std::vector<VmUuid> in_progress;  ///< of every unfinished job
    int slotless = 0;                 ///< how many of them no longer hold a slot
    std::uint64_t free_bytes = 0;
    std::optional<Error> cluster_error;  ///< why the VMs are not known
    std::string cluster_problem;         ///< why they are as of an earlier time, for people; empty = they are current
};

/// Who needs the facts: what repeats by the clock can wait for a cluster that hangs, a person only for a limited time
/// (ClusterContact).
enum class Asker { clock, person };

/// A snapshot, and the settings that apply to it.
struct GatheredFacts {
    ScheduleSnapshot snapshot;
    core::Settings settings;
    core::RetentionPolicy policy;
};

/// What plan, why and the forecast are computed from.
core::ForecastFacts forecast_facts(GatheredFacts gathered);

/// Which success of which VM was noted as deleted.
struct NotedDeletion {
    VmUuid vm;  ///< empty = the backup is not its VM's newest success: nothing was noted
    UtcTime success{};
};

class SnapshotTaker {
public:
    struct Dependencies {
        Engine& engine;
        ports::Catalog& catalog;
        ports::Journal& journal;
        ports::Time& time;
        ClockWatch& clock;
        ConditionRegistry& conditions;
        Evidence& evidence;
        ExportGuard& guard;
        MovedBackups& moved;
        LinkedVms& links;
        core::Zone const& zone;
    };

    explicit SnapshotTaker(Dependencies dependencies) : dependencies_(dependencies) {}

    /// `vm_age`: the maximum age of the list of VMs.
    task<Result<ScheduleSnapshot>> take(core::Timing timing, Milliseconds vm_age, Asker asker = Asker::clock);

    /// A backup was added or deleted: the next snapshot reads the folders again.
    void folders_changed() {
        ++folder_changes_;
        ++version_;
    }
    /// Folders may have been changed manually: the next snapshot reads them again, without counting as a known change.
    void reread_folders() { ++folder_changes_; }
    /// Increases when a backup is known to have changed: earlier retention verdicts are then evaluated again.
    std::uint64_t version() const { return version_; }
    void note(core::Job const& job);
    bool is_journal_unwritable() const;
    /// Why no job can be recorded, so that none may be ordered; empty = it can. While the condition stands, it writes
    /// something to find out: nothing else may write then.
    task<std::string> why_not_recorded();
    /// Call it before the daemon deletes a backup, by a rule or a person's order: the schedule must not take it for one
    /// that was moved away.
    task<NotedDeletion> note_deletion(core::Backup backup);
    /// Call it after that. `is_deleted`: false = it is still there.
    task<void> end_deletion(NotedDeletion noted, bool is_deleted);
    core::History const& history() const { return history_; }
    void remember_missing_vms(core::MissingVms missing_vms) { missing_vms_ = std::move(missing_vms); }
    core::MissingVms const& missing_vms() const { return missing_vms_; }

private:
    using Backups = std::vector<core::Backup>;

    /// What belongs to one listing of the folders: computing a snapshot from it takes several turns of the loop.
    struct Moment {
        core::Successes successes;
        SteadyTime listed;                ///< when the listing began
        std::set<VmUuid> being_exported;  ///< the VMs of unfinished backup jobs
    };

    task<Result<void>> read_folders();
    task<VmsForPerson> ask_cluster(Milliseconds vm_age, Asker asker);
    task<std::string> why_no_orders(bool cluster_answers, Asker asker);
    task<void> add_copies(ScheduleSnapshot& snapshot, std::shared_ptr<Backups const> backups,
                          core::VmLinks const& links);
    Moment this_moment() const;
    void add_moved(ScheduleSnapshot& snapshot, Moment const& moment, UtcTime since, core::Timing const& timing,
                   core::VmLinks const& links);
    std::set<VmUuid> drop_deleted(std::vector<core::MovedBackup>& moved, core::RetentionFacts const& retention,
                                  core::Timing const& timing, core::VmLinks const& links);
    void add_jobs(ScheduleSnapshot& snapshot);
    void note_ended_causes(core::Facts& facts);
    void note_damage(core::RetentionFacts const& retention);
    void note_unknown_ends(core::RetentionFacts const& retention);
    void note_possible_links(core::RetentionFacts& retention, core::Facts const& facts, core::VmLinks links,
                             bool list_is_complete);
    void note_vms(std::unordered_set<VmUuid> const& existing, UtcTime now);
    void note_missing_vms(core::RetentionFacts& retention, core::Facts const& facts, bool list_is_complete);

    Dependencies dependencies_;
    core::History history_;
    std::uint64_t folder_changes_ = 1;  ///< known changes
    std::uint64_t version_ = 0;
    std::uint64_t changes_seen_ = 0;  ///< changes that backups_ includes
    SteadyTime folders_read_at_{};
    std::shared_ptr<Backups const> backups_ = std::make_shared<Backups const>();  ///< as listed last
    SilentFolders silent_folders_;                                                ///< of backups_
    std::map<VmUuid, UtcTime> first_seen_;
    core::MissingVms missing_vms_;
    std::vector<core::PossibleLink> possible_links_;  ///< as of the last complete list of VMs
};

}  // namespace sb::engine
