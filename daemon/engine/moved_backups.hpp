#pragma once
// Backups that succeeded and that a hook or a person has moved away since (core/moved_backup.hpp): each stands for a
// copy of its VM, and is a condition. Only in the LocalPath where they were made: a new one gets its backups soon. What
// the daemon itself deleted is nowhere else, so it does not stand for a copy of a VM that has no other one, unless the
// one before it was deleted, too: who deletes each copy must not have the VM exported without end.

#include "daemon/async/task.hpp"
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
    /// returns, unless the journal refuses it (that is logged): then known to this process. `successes`: as the history
    /// has them now, two of each VM; what was recorded of older ones is forgotten.
    task<void> note_deletion(VmUuid vm, UtcTime started, std::map<VmUuid, std::vector<core::Success>> successes);
    /// The VMs of those that the daemon itself deleted. Known from in_use_since() on.
    std::set<VmUuid> deleted_by_us(std::vector<core::MovedBackup> const& moved) const;
    /// When those of the VM's newest two successes were started that the daemon deleted as its newest.
    std::set<UtcTime> deletions_of(VmUuid const& vm) const;
    /// Raises the conditions of these, and of the VMs whose exports are damaged repeatedly, and clears the others.
    /// `deleted_again`: the VMs whose copies are deleted repeatedly (core::counts_although_deleted).
    void report(std::vector<core::MovedBackup> const& moved, std::set<VmUuid> const& deleted_again,
                std::vector<core::DamagedExport> const& damaged);

private:
    using Deletions = std::map<VmUuid, std::set<UtcTime>>;

    std::string reason_of(core::MovedBackup const& moved) const;
    static std::string reason_of_deleted(core::MovedBackup const& moved);
    std::string reason_of(core::DamagedExport const& damaged) const;
    std::string hook_remark() const;
    task<void> load_deletions();
    task<void> save_deletions();
    std::string deletions_text() const;

    Dependencies dependencies_;
    bool loaded_ = false;
    std::string place_;  ///< path and mark; empty = none known yet
    UtcTime since_ = UtcTime::min();
    bool deletions_loaded_ = false;
    bool deletions_unsaved_ = false;
    Deletions deletions_;  ///< when the successes were started that the daemon deleted as their VM's newest
};

}  // namespace sb::engine
