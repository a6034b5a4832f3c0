#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/schedule_pages.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Runs command) {
    rpc::ListRuns::Params params;
    params.limit = command.limit;
    Result<rpc::ListRuns::Reply> reply = co_await ask<rpc::ListRuns>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->runs);
        co_return exit_done;
    }
    if (reply->runs.empty()) session.console.say("The schedule has not run yet.");
    session.console.results << runs_page(reply->runs, session.console.look());
    co_return exit_done;
}

}  // namespace sb::ctl
