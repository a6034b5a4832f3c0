#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/display_width.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Version command) {
    auto& out = session.console.results;
    if (command.only_ours) {
        out << "scale-backupctl " SB_VERSION "\n";
        co_return exit_done;
    }
    rpc::Version::Params params;
    Result<rpc::Version::Reply> daemon = co_await ask<rpc::Version>(session.options.socket, params);
    if (!daemon && session.interrupted) co_return exit_interrupted;
    // A daemon that does not answer is no failure of this command: our own version is the answer.
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

}  // namespace sb::ctl
