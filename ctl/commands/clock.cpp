#include "ctl/ask.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/text.hpp"

namespace sb::ctl {
namespace {

task<int> run_clock(Session& session, Arguments) {
    rpc::AcceptClock::Params params;
    Result<rpc::AcceptClock::Reply> reply = co_await ask<rpc::AcceptClock>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
        co_return exit_done;
    }
    auto const time = moment_text(reply->time, session.console.render_options());
    session.console.out << "The clock is accepted; it shows " << time << ".\n";
    if (!reply->remark.empty()) session.console.out << "Noted: " << escape_controls(reply->remark) << ".\n";
    co_return exit_done;
}

}  // namespace

CommandSpec clock_command() {
    return {
        .word = "clock",
        .summary = "accept the clock",
        .arguments = {{.name = "ACTION", .value = {ValueKind::choice, {{"accept", "the clock is right"}}}}},
        .details = R"(Says that this machine's clock is right. When the clock has jumped, or does not
fit the time that was last recorded, 'status' shows the condition
clock_in_doubt; until that ends nothing is deleted, and backups continue. The
doubt ends when the cluster's clock agrees, with this command, or, if the
cluster's clock is not known, after 48 hours of running. If the cluster's clock
differs now, that difference counts as agreement from now on.

Check the clock before: with a wrong one, retention deletes too much.)",
        .examples = {"scale-backupctl clock accept"},
        .run = run_clock,
    };
}

}  // namespace sb::ctl
