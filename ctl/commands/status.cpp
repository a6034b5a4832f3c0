#include "ctl/ask.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {
namespace {

task<int> run_status(Session& session, Arguments) {
    rpc::Status::Params params;
    Result<rpc::Status::Reply> reply = co_await ask<rpc::Status>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
    } else {
        session.console.out << status_page(*reply, session.console.render_options());
    }
    co_return exit_done;
}

}  // namespace

CommandSpec status_command() {
    return {
        .word = "status",
        .summary = "show status",
        .details = R"(Shows whether the cluster answers, the backup window, running and queued jobs,
the last run, the last success, which VMs are behind, and the free space. Above
all that: whether scheduled backups are paused, and what is wrong now, since
when, why, and what to do.)",
        .examples = {"scale-backupctl status"},
        .run = run_status,
    };
}

}  // namespace sb::ctl
