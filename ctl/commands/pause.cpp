#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Pause command) {
    rpc::PauseSchedule::Params params;
    params.paused = command.paused;
    Result<rpc::PauseSchedule::Reply> reply = co_await ask<rpc::PauseSchedule>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
        co_return exit_done;
    }
    auto const paused = "Scheduled backups are paused; those that run go on. 'scale-backupctl resume' ends the pause.";
    auto const resumed = "Scheduled backups are not paused any more.";
    session.console.results << (reply->paused ? paused : resumed) << '\n';
    co_return exit_done;
}

}  // namespace sb::ctl
