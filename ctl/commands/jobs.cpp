#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Jobs command) {
    rpc::ListJobs::Params params;
    params.limit = command.limit;
    Result<rpc::ListJobs::Reply> reply = co_await ask<rpc::ListJobs>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->jobs);
        co_return exit_done;
    }
    if (reply->jobs.empty()) session.console.say("There are no jobs.");
    session.console.results << jobs_page(reply->jobs, session.console.look());
    co_return exit_done;
}

}  // namespace sb::ctl
