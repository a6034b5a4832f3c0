#include "ctl/ask.hpp"
#include "ctl/render/text.hpp"

namespace sb::ctl {
namespace {

task<int> run_notify_test(Session& session, Arguments) {
    rpc::TestMail::Params params;
    Result<rpc::TestMail::Reply> reply = co_await ask<rpc::TestMail>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) print_json(session, *reply);
    else session.console.out << "The mail server accepted a test mail for " << listed(reply->recipients) << ".\n";
    co_return exit_done;
}

}  // namespace

CommandSpec notify_test_command() {
    return {
        .word = "notify-test",
        .summary = "send a test mail",
        .details = R"(Sends one mail with the settings of the configuration, waits for the mail
server's answer, and prints the recipients, or what went wrong (exit code 1, or
78 if [SMTP] is missing).)",
        .examples = {"scale-backupctl notify-test"},
        .run = run_notify_test,
    };
}

}  // namespace sb::ctl
