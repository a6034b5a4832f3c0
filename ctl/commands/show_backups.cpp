#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, ShowBackups) {
    rpc::ListBackups::Params params;
    Result<rpc::ListBackups::Reply> reply = co_await ask<rpc::ListBackups>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->backups);
        co_return exit_done;
    }
    if (reply->backups.empty()) session.console.say("There are no backups yet.");
    session.console.results << backups_page(reply->backups, session.console.look());
    co_return exit_done;
}

}  // namespace sb::ctl
