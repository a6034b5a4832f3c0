#include "ctl/ask.hpp"
#include "ctl/render/display_width.hpp"

namespace sb::ctl {
namespace {

json::Writer& write_client_version(json::Writer& json) {
    return json.member("version", SB_VERSION).member("protocol", rpc::protocol_version);
}

/// As JSON without a member for the daemon: null would mean that it did not answer.
void print_client_version(Session& session) {
    if (!session.options.json) {
        session.console.out << "scale-backupctl " SB_VERSION "\n";
        return;
    }
    json::Writer json(session.console.json_layout());
    write_client_version(json.begin_object()).end_object();
    session.console.out << json.take() << '\n';
}

task<int> run_version(Session& session, Arguments arguments) {
    auto& out = session.console.out;
    if (arguments.has("client")) {
        print_client_version(session);
        co_return exit_done;
    }
    rpc::Version::Params params;
    Result<rpc::Version::Reply> daemon = co_await ask<rpc::Version>(session.options.socket, params);
    if (!daemon && session.interrupted) co_return exit_interrupted;
    // If the daemon does not answer, this command still succeeds: the client has a version.
    if (session.options.json) {
        json::Writer json(session.console.json_layout());
        write_client_version(json.begin_object()).key("daemon");
        if (daemon) rpc::write(json, *daemon);
        else json.null();
        json.end_object();
        out << json.take() << '\n';
        co_return exit_done;
    }
    out << "scale-backupctl " SB_VERSION "\n";
    if (daemon) out << "scale-backupd " << escape_controls(daemon->version) << '\n';
    else session.console.say("scale-backupd: " + escape_controls(daemon.error().context));
    co_return exit_done;
}

}  // namespace

CommandSpec version_command() {
    return {
        .word = "version",
        .summary = "show versions",
        .options = {{.name = "client", .help = "only this program, as --version"}},
        .details = R"(Prints the version of this program and, if it answers, of the daemon. With
--json: one JSON object, also for --client and --version; "daemon" is null if
the daemon does not answer.)",
        .examples = {"scale-backupctl version"},
        .run = run_version,
    };
}

}  // namespace sb::ctl
