#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/display_width.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Cancel command) {
    rpc::CancelJob::Params params;
    params.job = command.job;
    Result<rpc::CancelJob::Reply> reply = co_await ask<rpc::CancelJob>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
    } else {
        session.console.results << escape_controls(reply->note) << '\n';
    }
    co_return exit_done;
}

}  // namespace sb::ctl
