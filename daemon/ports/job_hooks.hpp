#pragma once
// The administrator's hooks as the engine sees them: which are set, and run one. Real: the app, with the command lines
// of the configuration, so that a reload changes them unnoticed. Fake: tests/simulation.

#include "common/hook.hpp"
#include "daemon/async/task.hpp"

#include <string>

namespace sb::ports {

/// What the command lines may mention. Backup hooks: the VM and the backup; restore hooks: the new VM and the backup;
/// schedule hooks: neither.
struct HookVariables {
    std::string vm_name;
    std::string backup_name;
};

class JobHooks {
public:
    virtual ~JobHooks() = default;

    virtual bool is_set(HookKind kind) const = 0;
    /// Its command line as it is configured now; empty = not set. Two that differ are different hooks.
    virtual std::string command(HookKind kind) const = 0;
    /// PostBackup hooks of scheduled backups wait for the end of the run.
    virtual bool delays_post_backup() const = 0;
    /// A failing PreBackup hook prevents the backup.
    virtual bool pre_backup_must_succeed() const = 0;
    /// Runs it to its end or its time limit. Returns what went wrong, with the end of its output; empty = nothing.
    virtual task<std::string> run(HookKind kind, HookVariables variables) = 0;
};

}  // namespace sb::ports
