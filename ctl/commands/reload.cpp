#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/words.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Reload) {
    rpc::Reload::Params params;
    Result<rpc::Reload::Reply> reply = co_await ask<rpc::Reload>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    auto& console = session.console;
    if (session.options.json) print_json(session, *reply);
    for (auto const& warning : reply->warnings) console.say(escape_controls(warning));
    for (auto const& problem : reply->problems) console.say(escape_controls(problem));
    if (!reply->reloaded) {
        console.say("scale-backupctl: the configuration stays as it was");
        co_return exit_code_of(Errc::invalid_config);
    }
    if (session.options.json) co_return exit_done;
    if (reply->changed.empty() && reply->needs_restart.empty()) console.say("Nothing has changed.");
    if (!reply->changed.empty()) console.say("In force now: " + listed(reply->changed));
    if (!reply->needs_restart.empty()) console.say("In force after a restart only: " + listed(reply->needs_restart));
    co_return exit_done;
}

}  // namespace sb::ctl
