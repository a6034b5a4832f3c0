#include "ctl/ask.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/text.hpp"

namespace sb::ctl {
namespace {

task<int> run_reload(Session& session, Arguments) {
    rpc::Reload::Params params;
    Result<rpc::Reload::Reply> reply = co_await ask<rpc::Reload>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    auto& console = session.console;
    if (session.options.json) print_json(session, *reply);
    for (auto const& warning : reply->warnings) console.say(escape_controls(warning));
    for (auto const& problem : reply->problems) console.say(escape_controls(problem));
    if (!reply->reloaded) {
        console.say("scale-backupctl: the configuration was not changed");
        co_return exit_code_of(Errc::invalid_config);
    }
    if (session.options.json) co_return exit_done;
    if (reply->changed.empty() && reply->needs_restart.empty()) console.out << "Nothing has changed.\n";
    if (!reply->changed.empty()) console.out << "Changed: " << listed(reply->changed) << '\n';
    if (!reply->needs_restart.empty()) console.out << "Needs a restart: " << listed(reply->needs_restart) << '\n';
    co_return exit_done;
}

}  // namespace

CommandSpec reload_command() {
    return {
        .word = "reload",
        .summary = "read the config again",
        .details = R"(Makes the daemon read its configuration again, without a restart, and prints
what has changed. If the file has errors they are listed, the active
configuration stays, and the exit code is 78. Keys that take effect only after
a restart are listed.)",
        .examples = {"scale-backupctl reload"},
        .run = run_reload,
    };
}

}  // namespace sb::ctl
