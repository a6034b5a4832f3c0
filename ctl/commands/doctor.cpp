#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/findings.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Doctor) {
    rpc::CheckHealth::Params params;
    Result<rpc::CheckHealth::Reply> reply = co_await ask<rpc::CheckHealth>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) print_json(session, reply->findings);
    else session.console.results << findings_page(reply->findings, session.console.look());
    if (reply->error_code.empty()) co_return exit_done;
    co_return exit_code_of(errc_from_name(reply->error_code));
}

}  // namespace sb::ctl
