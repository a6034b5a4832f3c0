#include "ctl/ask.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {
namespace {

task<int> run_show_queue(Session& session, Arguments) {
    rpc::ShowQueue::Params params;
    Result<rpc::ShowQueue::Reply> reply = co_await ask<rpc::ShowQueue>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    for (auto const& problem : reply->problems) session.console.say("scale-backupctl: " + escape_controls(problem));
    if (session.options.json) {
        print_json(session, reply->queue);
        co_return exit_done;
    }
    if (reply->queue.empty())
        session.console.say("The schedule backs up no VM; 'show-vms --json' shows the reason for each.");
    session.console.out << queue_page(reply->queue, session.console.render_options());
    co_return exit_done;
}

}  // namespace

CommandSpec show_queue_command() {
    return {
        .word = "show-queue",
        .summary = "show which VM is next",
        .details = R"(Lists the VMs that the schedule backs up, in order of priority: those that were
never backed up first, then those with the oldest scheduled backup; each with
what it is waiting for. The first column is the VM's name.)",
        .examples = {"scale-backupctl show-queue",
                     "scale-backupctl --json show-queue | jq '.[] | select(.age_seconds > 172800)'"},
        .run = run_show_queue,
    };
}

}  // namespace sb::ctl
