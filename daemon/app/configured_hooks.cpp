#include "daemon/app/configured_hooks.hpp"

#include "common/text/ascii.hpp"
#include "daemon/hooks/outcome_text.hpp"
#include "daemon/hooks/template.hpp"

#include <algorithm>

namespace sb::app {
namespace {

/// The last lines: a whole log does not belong in an alert.
std::string tail_of(std::string const& output) {
    constexpr std::size_t max_bytes = 2000;
    auto const from = output.size() > max_bytes ? output.size() - max_bytes : 0;
    return std::string(trimmed(std::string_view(output).substr(from), "\r\n"));
}

}  // namespace

task<std::string> ConfiguredHooks::run(HookKind kind, ports::HookVariables variables) {
    auto const& hook = info_of(kind);
    std::string const name(hook.name);
    auto const local_path = config_().smb.local_path.string();
    auto const values = hooks::variables_of(hook, variables.vm_name, local_path, variables.backup_name);
    auto argv = hooks::expand(config_().hooks.command(kind), values);
    if (!argv) co_return name + ": " + argv.error().context;

    ports::ProgramCall call;
    call.name = name;
    call.argv = std::move(*argv);
    auto const& limit = config_().hooks.hook_timeout;
    auto const time_limit = Milliseconds(std::chrono::days(limit.days) + limit.rest);
    call.time_limit = time_limit;
    auto const result = co_await programs_.run(std::move(call));
    if (!result) co_return result.error().context;
    if (result->succeeded()) co_return std::string();
    auto problem = name + ": " + hooks::describe(*result, time_limit);
    auto const tail = tail_of(result->output);
    if (!tail.empty()) problem += "; output: " + tail;
    co_return problem;
}

}  // namespace sb::app
