#include "ctl/ask.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {
namespace {

task<int> run_runs(Session& session, Arguments arguments) {
    rpc::ListRuns::Params params;
    params.limit = arguments.number("limit");
    Result<rpc::ListRuns::Reply> reply = co_await ask<rpc::ListRuns>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->runs);
        co_return exit_done;
    }
    if (reply->runs.empty()) session.console.say("The schedule has not run yet.");
    session.console.out << runs_page(reply->runs, session.console.render_options());
    co_return exit_done;
}

}  // namespace

CommandSpec runs_command() {
    return {
        .word = "runs",
        .summary = "list scheduled runs",
        .options = {{.name = "limit",
                     .value_name = "N",
                     .value = {.kind = ValueKind::number, .least = 1, .most = 100'000},
                     .default_value = "20",
                     .help = "at most N runs"}},
        .details = R"(Lists the runs of the schedule, newest first: what started them ('window' or
'command'), how many VMs were backed up, how many failed, how many old backups
were deleted, and below each run its problems.)",
        .examples = {"scale-backupctl runs --limit 7"},
        .run = run_runs,
    };
}

}  // namespace sb::ctl
