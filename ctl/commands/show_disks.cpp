#include "ctl/ask.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {
namespace {

task<int> run_show_disks(Session& session, Arguments arguments) {
    rpc::ShowDisks::Params params;
    params.vm = arguments.text("VM");
    Result<rpc::ShowDisks::Reply> reply = co_await ask<rpc::ShowDisks>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) print_json(session, reply->disks);
    else session.console.out << disks_page(reply->disks, session.console.render_options());
    co_return exit_done;
}

}  // namespace

CommandSpec show_disks_command() {
    return {
        .word = "show-disks",
        .summary = "list the disks of a VM",
        .arguments = {{.name = "VM",
                       .value = {ValueKind::vm},
                       .help = "name or uuid; the uuid if two VMs have the same name"}},
        .details = "Lists the disks and drives of a VM: uuid, type, slot, size, used space, name.",
        .examples = {"scale-backupctl show-disks FILE01",
                     "scale-backupctl --json show-disks FILE01 | jq -r '.[].uuid'"},
        .run = run_show_disks,
    };
}

}  // namespace sb::ctl
