#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/words.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, NotifyTest) {
    rpc::TestMail::Params params;
    Result<rpc::TestMail::Reply> reply = co_await ask<rpc::TestMail>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) print_json(session, *reply);
    else session.console.results << "The mail server took a test mail for " << listed(reply->recipients) << ".\n";
    co_return exit_done;
}

}  // namespace sb::ctl
