#include "ctl/cli/help.hpp"

#include "ctl/cli/arguments.hpp"
#include "ctl/session.hpp"

namespace sb::ctl {
namespace {

task<int> run_help(Session& session, Arguments arguments) {
    auto const* const topic = find_command(arguments.text("COMMAND"));
    if (session.options.json) session.console.out << help_json(topic, session.console.json_layout()) << '\n';
    else session.console.out << help_page(topic);
    co_return exit_done;
}

}  // namespace

CommandSpec help_command() {
    return {
        .word = "help",
        .summary = "explain a command",
        .arguments = {{.name = "COMMAND", .value = {ValueKind::command}, .optional = true}},
        .details = R"(Explains a command, as COMMAND --help does; without COMMAND it lists all
commands. With --json: the same as JSON, also for --help.)",
        .examples = {"scale-backupctl help backup"},
        .run = run_help,
    };
}

}  // namespace sb::ctl
