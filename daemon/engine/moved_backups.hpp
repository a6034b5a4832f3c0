#pragma once
// Backups that succeeded and that a hook or a person has moved away since (core/moved_backup.hpp): each stands for a
// copy of its VM, and is a condition. Only in the LocalPath where they were made: a new one gets its backups soon.

#include "daemon/async/task.hpp"
#include "daemon/core/moved_backup.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/trash.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <optional>
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
    /// Raises the conditions of these, and of the VMs whose exports are damaged repeatedly, and clears the others.
    void report(std::vector<core::MovedBackup> const& moved, std::vector<core::DamagedExport> const& damaged);

private:
    std::string reason_of(core::MovedBackup const& moved) const;
    std::string reason_of(core::DamagedExport const& damaged) const;
    std::string hook_remark() const;

    Dependencies dependencies_;
    bool loaded_ = false;
    std::string place_;  ///< path and mark; empty = none known yet
    UtcTime since_ = UtcTime::min();
};

}  // namespace sb::engine
