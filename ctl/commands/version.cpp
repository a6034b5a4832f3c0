#include "ctl/ask.hpp"
#include "ctl/render/display_width.hpp"

namespace sb::ctl {
namespace {

task<int> run_version(Session& session, Arguments arguments) {
    auto& out = session.console.out;
    if (arguments.has("client")) {
        out << "scale-backupctl " SB_VERSION "\n";
        co_return exit_done;
    }
    rpc::Version::Params params;
    Result<rpc::Version::Reply> daemon = co_await ask<rpc::Version>(session.options.socket, params);
    if (!daemon && session.interrupted) co_return exit_interrupted;
    // If the daemon does not answer, this command still succeeds: the client has a version.
    if (session.options.json) {
        json::Writer json;
        json.begin_object().member("version", SB_VERSION).member("protocol", rpc::protocol_version).key("daemon");
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
        .details = R"(Prints the version of this program and, if it answers, of the daemon.)",
        .examples = {"scale-backupctl version"},
        .run = run_version,
    };
}

}  // namespace sb::ctl
