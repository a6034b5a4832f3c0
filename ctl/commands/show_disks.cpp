#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/disk_pages.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, ShowDisks command) {
    rpc::ShowDisks::Params params;
    params.vm = std::move(command.vm);
    Result<rpc::ShowDisks::Reply> reply = co_await ask<rpc::ShowDisks>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) print_json(session, reply->disks);
    else session.console.results << disks_page(reply->disks, session.console.look());
    co_return exit_done;
}

}  // namespace sb::ctl
