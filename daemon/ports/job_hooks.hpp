#pragma once
// The administrator's hooks as the engine sees them: which are set, and run this one. The app puts the config's
// command lines behind it, so a reload changes them without the engine's knowing.

#include "daemon/async/task.hpp"

#include <string>

namespace sb::ports {

enum class HookKind { pre_backup, post_backup, pre_restore, post_restore, pre_schedule, post_schedule };

/// What the command lines may speak of. Backup hooks: the VM and the backup; restore hooks: the new VM and the backup;
/// schedule hooks: neither.
struct HookVariables {
    std::string vm_name;
    std::string backup_name;
};

class JobHooks {
public:
    virtual ~JobHooks() = default;

    virtual bool is_set(HookKind kind) const = 0;
    /// PostBackup hooks of scheduled backups wait for the end of the run.
    virtual bool delays_post_backup() const = 0;
    /// A PreBackup hook that fails forbids the backup.
    virtual bool pre_backup_must_succeed() const = 0;
    /// Runs it to its end or its time limit. What went wrong, in words with the end of its output; empty if nothing
    /// did.
    virtual task<std::string> run(HookKind kind, HookVariables variables) = 0;
};

}  // namespace sb::ports
