#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/display_width.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Protect command) {
    rpc::ProtectBackup::Params params;
    params.backup = std::move(command.backup);
    params.is_protected = command.is_protected;
    Result<rpc::ProtectBackup::Reply> reply = co_await ask<rpc::ProtectBackup>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, reply->backup);
        co_return exit_done;
    }
    auto const stands =
        reply->backup.is_protected ? "' is protected: no clean-up deletes it." : "' is not protected any more.";
    session.console.results << "'" << escape_controls(reply->backup.name) << stands << '\n';
    co_return exit_done;
}

}  // namespace sb::ctl
