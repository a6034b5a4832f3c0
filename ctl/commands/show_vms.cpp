#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, ShowVms) {
    rpc::ListVms::Params params;
    Result<rpc::ListVms::Reply> reply = co_await ask<rpc::ListVms>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        sort_by_name(reply->vms);
        print_json(session, reply->vms);
    } else {
        session.console.results << vm_names(reply->vms, session.console.terminal.results);
    }
    co_return exit_done;
}

}  // namespace sb::ctl
