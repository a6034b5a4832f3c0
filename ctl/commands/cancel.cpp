#include "ctl/ask.hpp"
#include "ctl/render/display_width.hpp"

namespace sb::ctl {
namespace {

task<int> run_cancel(Session& session, Arguments arguments) {
    rpc::CancelJob::Params params;
    params.job = arguments.job("JOB").value_or(0);
    Result<rpc::CancelJob::Reply> reply = co_await ask<rpc::CancelJob>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
    } else {
        session.console.out << escape_controls(reply->note) << '\n';
    }
    co_return exit_done;
}

}  // namespace

CommandSpec cancel_command() {
    return {
        .word = "cancel",
        .summary = "cancel a job",
        .arguments = {{.name = "JOB", .value = {ValueKind::unfinished_job}, .help = "a job id, as 'jobs' prints it"}},
        .details = R"(Cancels a job. A queued job ends immediately, and one whose PreBackup hook runs
as soon as that is stopped. The cluster cannot stop a running export: it runs
to the end and is then deleted. A running import cannot be cancelled.)",
        .examples = {"scale-backupctl cancel 17"},
        .run = run_cancel,
    };
}

}  // namespace sb::ctl
