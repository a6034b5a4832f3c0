#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/schedule_pages.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, ShowQueue) {
    rpc::ShowQueue::Params params;
    Result<rpc::ShowQueue::Reply> reply = co_await ask<rpc::ShowQueue>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->queue);
        co_return exit_done;
    }
    if (reply->queue.empty()) session.console.say("The schedule serves no VM; 'show-vms --json' says why for each.");
    session.console.results << queue_page(reply->queue, session.console.look());
    co_return exit_done;
}

}  // namespace sb::ctl
