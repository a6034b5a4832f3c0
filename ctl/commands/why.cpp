#include "ctl/ask.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {
namespace {

task<int> run_why(Session& session, Arguments arguments) {
    rpc::ExplainVm::Params params;
    params.vm = arguments.text("VM");
    Result<rpc::ExplainVm::Reply> reply = co_await ask<rpc::ExplainVm>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) print_json(session, *reply);
    else session.console.out << sentences_page(reply->explanation, session.console.render_options());
    co_return exit_done;
}

}  // namespace

CommandSpec why_command() {
    return {
        .word = "why",
        .summary = "explain a VM's backups",
        .arguments = {{.name = "VM",
                       .value = {ValueKind::vm},
                       .help = "name or uuid; the uuid if two VMs have the same name"}},
        .details = R"(Explains why a VM was or was not backed up, what it is waiting for, when its
next backup is expected, and which rule will delete which backup.)",
        .examples = {"scale-backupctl why FILE01"},
        .run = run_why,
    };
}

}  // namespace sb::ctl
