#include "ctl/ask.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {
namespace {

task<int> run_plan(Session& session, Arguments arguments) {
    rpc::Forecast::Params params;
    params.days = arguments.number("days");
    Result<rpc::Forecast::Reply> reply = co_await ask<rpc::Forecast>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
        co_return exit_done;
    }
    if (reply->nights.empty()) session.console.say("No backup window opens in that time.");
    session.console.out << plan_page(*reply, session.console.render_options());
    co_return exit_done;
}

}  // namespace

CommandSpec plan_command() {
    return {
        .word = "plan",
        .summary = "forecast coming nights",
        .options = {{.name = "days",
                     .value_name = "N",
                     .value = {.kind = ValueKind::number, .least = 1, .most = 366},
                     .default_value = "7",
                     .help = "how many days to look ahead, 1 to 366"}},
        .details = R"(Simulates the coming backup windows from measured durations and sizes: when
each VM is backed up, which backups are deleted, whether the window is long
enough, and when the disk will be full. Changes nothing.)",
        .examples = {"scale-backupctl plan --days 30"},
        .run = run_plan,
    };
}

}  // namespace sb::ctl
