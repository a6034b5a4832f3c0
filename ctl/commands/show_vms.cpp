#include "ctl/ask.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {
namespace {

task<int> run_show_vms(Session& session, Arguments) {
    rpc::ListVms::Params params;
    Result<rpc::ListVms::Reply> reply = co_await ask<rpc::ListVms>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        sort_by_name(reply->vms);
        print_json(session, reply->vms);
    } else {
        session.console.out << vm_names(reply->vms);
    }
    co_return exit_done;
}

}  // namespace

CommandSpec show_vms_command() {
    return {
        .word = "show-vms",
        .summary = "the cluster's VMs",
        .details = R"(Prints the names of the cluster's VMs, one a line, sorted by byte order, and
nothing else, so that scripts can read it. --json adds uuid, tags, state,
disks, and whether scheduled backups include the VM.)",
        .examples = {"scale-backupctl show-vms",
                     "scale-backupctl --json show-vms | jq -r '.[] | select(.eligible) | .name'"},
        .run = run_show_vms,
    };
}

}  // namespace sb::ctl
