#include "daemon/app/configured_hooks.hpp"

#include "daemon/hooks/outcome_text.hpp"
#include "daemon/hooks/template.hpp"

#include <algorithm>

namespace sb::app {

using ports::HookKind;

namespace {

char const* name_of(HookKind kind) {
    switch (kind) {
        case HookKind::pre_backup: return "PreBackup";
        case HookKind::post_backup: return "PostBackup";
        case HookKind::pre_restore: return "PreRestore";
        case HookKind::post_restore: return "PostRestore";
        case HookKind::pre_schedule: return "PreSchedule";
        case HookKind::post_schedule: return "PostSchedule";
    }
    return "hook";
}

hooks::Variables variables_of(HookKind kind, ports::HookVariables const& given, std::string const& local_path) {
    switch (kind) {
        case HookKind::pre_backup:
        case HookKind::post_backup: return hooks::backup_variables(given.vm_name, local_path, given.backup_name);
        case HookKind::pre_restore:
        case HookKind::post_restore: return hooks::restore_variables(given.vm_name, local_path, given.backup_name);
        case HookKind::pre_schedule:
        case HookKind::post_schedule: break;
    }
    return hooks::schedule_variables(local_path);
}

/// The last lines: an alert is no place for a whole log.
std::string tail_of(std::string const& output) {
    constexpr std::size_t enough = 2000;
    auto const from = output.size() > enough ? output.size() - enough : 0;
    auto text = output.substr(from);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
}

}  // namespace

std::string const& ConfiguredHooks::command_of(HookKind kind) const {
    auto const& hooks = config_().hooks;
    switch (kind) {
        case HookKind::pre_backup: return hooks.pre_backup;
        case HookKind::post_backup: return hooks.post_backup;
        case HookKind::pre_restore: return hooks.pre_restore;
        case HookKind::post_restore: return hooks.post_restore;
        case HookKind::pre_schedule: return hooks.pre_schedule;
        case HookKind::post_schedule: break;
    }
    return hooks.post_schedule;
}

task<std::string> ConfiguredHooks::run(HookKind kind, ports::HookVariables variables) {
    std::string const name = name_of(kind);
    auto const local_path = config_().smb.local_path.string();
    auto argv = hooks::expand(command_of(kind), variables_of(kind, variables, local_path));
    if (!argv) co_return name + ": " + argv.error().context;

    ports::ProgramCall call;
    call.name = name;
    call.argv = std::move(*argv);
    auto const& limit = config_().hooks.hook_timeout;
    auto const time_limit = Milliseconds(std::chrono::days(limit.days) + limit.rest);
    call.time_limit = time_limit;
    auto const result = co_await hooks_.run(std::move(call));
    if (!result) co_return result.error().context;
    if (result->succeeded()) co_return std::string();
    auto problem = name + ": " + hooks::describe(*result, time_limit);
    auto const tail = tail_of(result->output);
    if (!tail.empty()) problem += "; it said: " + tail;
    co_return problem;
}

}  // namespace sb::app
