#include "ctl/ask.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {
namespace {

task<int> run_jobs(Session& session, Arguments arguments) {
    rpc::ListJobs::Params params;
    bool const unfinished_only = arguments.number("limit") == 0;
    params.limit = arguments.number("limit");
    Result<rpc::ListJobs::Reply> reply = co_await ask<rpc::ListJobs>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->jobs);
        co_return exit_done;
    }
    if (reply->jobs.empty())
        session.console.say(unfinished_only ? "No job is queued or running." : "There are no jobs.");
    session.console.out << jobs_page(reply->jobs, session.console.render_options());
    co_return exit_done;
}

}  // namespace

CommandSpec jobs_command() {
    return {
        .word = "jobs",
        .summary = "list jobs",
        .options = {{.name = "limit",
                     .value_name = "N",
                     .value = {.kind = ValueKind::number, .least = 0, .most = 100'000},
                     .default_value = "100",
                     .help = "at most N finished jobs"}},
        .details = R"(Lists queued, running and finished jobs, newest first. Errors and failed hooks
are listed below their job.)",
        .examples = {"scale-backupctl jobs --limit 10"},
        .run = run_jobs,
    };
}

}  // namespace sb::ctl
