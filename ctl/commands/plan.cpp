#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/schedule_pages.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Plan command) {
    rpc::Forecast::Params params;
    params.days = command.days;
    Result<rpc::Forecast::Reply> reply = co_await ask<rpc::Forecast>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
        co_return exit_done;
    }
    if (reply->nights.empty()) session.console.say("No backup window opens in that time.");
    session.console.results << plan_page(*reply, session.console.look());
    co_return exit_done;
}

}  // namespace sb::ctl
