#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/schedule_pages.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Why command) {
    rpc::ExplainVm::Params params;
    params.vm = std::move(command.vm);
    Result<rpc::ExplainVm::Reply> reply = co_await ask<rpc::ExplainVm>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) print_json(session, *reply);
    else session.console.results << sentences_page(reply->explanation, session.console.look());
    co_return exit_done;
}

}  // namespace sb::ctl
