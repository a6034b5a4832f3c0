#pragma once
// The administrator's programs around backups, restores and runs of the schedule: the only list of their names and of
// the variables that each of them may use.

#include <array>
#include <cstddef>
#include <string_view>

namespace sb {

enum class HookKind { pre_backup, post_backup, pre_restore, post_restore, pre_schedule, post_schedule };

namespace hook_variable {
inline constexpr std::string_view vm_name = "VMName";
inline constexpr std::string_view new_vm_name = "NewVMName";
inline constexpr std::string_view local_path = "LocalPath";
inline constexpr std::string_view backup_name = "BackupName";
}  // namespace hook_variable

struct HookInfo {
    HookKind kind{};
    std::string_view name;                      ///< in the configuration, in mails and in the log
    std::string_view help;                      ///< when it runs
    std::array<std::string_view, 3> variables;  ///< without braces; empty = it has fewer

    bool has(std::string_view variable) const {
        for (auto const known : variables)
            if (known == variable && !known.empty()) return true;
        return false;
    }
};

/// In the order of HookKind.
inline constexpr std::array<HookInfo, 6> all_hooks{{
    {HookKind::pre_backup,
     "PreBackup",
     "Program to run before a backup",
     {hook_variable::vm_name, hook_variable::local_path, hook_variable::backup_name}},
    {HookKind::post_backup,
     "PostBackup",
     "Program to run after a successful backup",
     {hook_variable::vm_name, hook_variable::local_path, hook_variable::backup_name}},
    {HookKind::pre_restore,
     "PreRestore",
     "Program to run before a restore",
     {hook_variable::new_vm_name, hook_variable::local_path, hook_variable::backup_name}},
    {HookKind::post_restore,
     "PostRestore",
     "Program to run after a successful restore",
     {hook_variable::new_vm_name, hook_variable::local_path, hook_variable::backup_name}},
    {HookKind::pre_schedule, "PreSchedule", "Program to run before a run of the schedule", {hook_variable::local_path}},
    {HookKind::post_schedule,
     "PostSchedule",
     "Program to run after a run of the schedule and its clean-up",
     {hook_variable::local_path}},
}};

static_assert(
    [] {
        for (std::size_t i = 0; i < all_hooks.size(); ++i)
            if (all_hooks[i].kind != static_cast<HookKind>(i)) return false;
        return true;
    }(),
    "all_hooks is indexed by HookKind");

constexpr HookInfo const& info_of(HookKind kind) { return all_hooks[static_cast<std::size_t>(kind)]; }

}  // namespace sb
