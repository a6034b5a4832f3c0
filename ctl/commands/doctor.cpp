#include "ctl/ask.hpp"
#include "ctl/render/pages.hpp"

namespace sb::ctl {
namespace {

task<int> run_doctor(Session& session, Arguments) {
    rpc::CheckHealth::Params params;
    Result<rpc::CheckHealth::Reply> reply = co_await ask<rpc::CheckHealth>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) print_json(session, reply->findings);
    else session.console.out << findings_page(reply->findings, session.console.render_options());
    if (reply->error_code.empty()) co_return exit_done;
    co_return exit_code_of(errc_from_name(reply->error_code));
}

}  // namespace

CommandSpec doctor_command() {
    return {
        .word = "doctor",
        .summary = "check the set-up",
        .details = R"(Checks everything that backups depend on: the configuration, the state
directory and the backup folder, free space, hooks, names, the share, each node
of the cluster (certificate, login, clock, rights), the mail server, the
schedule. Each finding says what to do. The exit code is that of the worst
error: 78 for the configuration, 8 for a certificate, 7 for the login or rights
at the cluster, 6 for permissions, else that of the first one: 3 if something
does not exist, such as a tag that no VM has, mostly 1; 0 without errors.)",
        .examples = {"scale-backupctl doctor"},
        .run = run_doctor,
    };
}

}  // namespace sb::ctl
