#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Status) {
    rpc::Status::Params params;
    Result<rpc::Status::Reply> reply = co_await ask<rpc::Status>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
    } else {
        session.console.results << status_page(*reply, session.console.look());
    }
    co_return exit_done;
}

}  // namespace sb::ctl
