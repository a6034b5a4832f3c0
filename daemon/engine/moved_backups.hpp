#pragma once
// Backups that succeeded and that a hook or a person has moved away since (core/moved_backup.hpp): each stands for a
// copy of its VM, and is a condition. Only in the LocalPath where they were made: a new one gets its backups soon. What
// the daemon itself deleted is nowhere else, so it does not stand for a copy of a VM that has no other one, unless that
// is repeated (core/deletion_note.hpp).
//
// A note of a deletion is written before it, and means nothing while the backup is there: each look at the folders
// drops the notes of those that are. So after a crash between the two, a refusal, an error, or an `undelete`, under
// whatever name, the folders decide. What waits in the trash needs no note: its row there is one, which comes and goes
// with it. A note whose VM has been exported since stays: the export that it caused has been made.

#include "daemon/async/task.hpp"
#include "daemon/core/deletion_note.hpp"
#include "daemon/core/moved_backup.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/trash.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sb::engine {

class MovedBackups {
public:
    struct Dependencies {
        ports::Catalog& catalog;
        ports::Journal& journal;
        ports::Time& time;
        ports::JobHooks& hooks;
        Trash& trash;
        ConditionRegistry& conditions;
    };

    explicit MovedBackups(Dependencies dependencies) : dependencies_(dependencies) {}

    /// Since when the present LocalPath is used: by its path and its mark, as recorded. Nothing if it cannot be read.
    task<std::optional<UtcTime>> in_use_since();
    /// Call it before the daemon deletes the newest success of a VM, by a rule or a person's order. Recorded when this
    /// returns, unless the journal refuses it (that is logged): then known to this process. `known`: the VMs that the
    /// history has; notes of others are forgotten.
    task<void> note_deletion(VmUuid vm, UtcTime success, std::set<VmUuid> known);
    /// Call it after that. False: the backup is still there, and its note is taken back.
    task<void> end_deletion(VmUuid vm, UtcTime success, bool is_deleted);
    /// Compares the notes with the folders, which are as moved_backups() takes them. `listed`: when their listing
    /// began; what is or was being deleted then decides nothing. `being_exported`: VMs whose notes may have caused the
    /// export that is running.
    void compare(std::map<VmUuid, std::vector<core::Success>> const& successes,
                 std::vector<core::Stored> const& backups, SteadyTime listed, std::set<VmUuid> const& being_exported);
    /// Notes those of `moved` that wait in the trash: their rows may go before the interval has passed.
    void note_trashed(std::vector<core::MovedBackup> const& moved);
    /// The VMs of those that the daemon itself deleted. After compare() and note_trashed().
    std::set<VmUuid> deleted_by_us(std::vector<core::MovedBackup> const& moved) const;
    /// Whether the VM's newest backups are deleted repeatedly.
    bool is_repeated(core::MovedBackup const& moved, core::Timing const& timing, core::Zone const& zone) const;
    /// Raises the conditions of these, and of the VMs whose exports are damaged repeatedly, and clears the others.
    /// `deleted_again`: the VMs that is_repeated() holds back.
    void report(std::vector<core::MovedBackup> const& moved, std::set<VmUuid> const& deleted_again,
                std::vector<core::DamagedExport> const& damaged);

private:
    using Deletions = std::map<VmUuid, core::DeletionNotes>;

    std::string reason_of(core::MovedBackup const& moved) const;
    static std::string reason_of_deleted(core::MovedBackup const& moved);
    std::string reason_of(core::DamagedExport const& damaged) const;
    std::string hook_remark() const;
    task<void> load_deletions();
    void drop_note(VmUuid const& vm, UtcTime success);
    task<void> save_deletions();
    std::string deletions_text() const;

    Dependencies dependencies_;
    bool loaded_ = false;
    std::string place_;  ///< path and mark; empty = none known yet
    UtcTime since_ = UtcTime::min();
    bool deletions_loaded_ = false;
    bool deletions_unsaved_ = false;
    Deletions deletions_;
    std::map<VmUuid, SteadyTime> deleting_;  ///< when this process deleted the newest success; max() = it has not ended
};

}  // namespace sb::engine
