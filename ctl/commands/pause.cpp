#include "ctl/ask.hpp"

namespace sb::ctl {
namespace {

task<int> set_paused(Session& session, bool paused) {
    rpc::PauseSchedule::Params params;
    params.paused = paused;
    Result<rpc::PauseSchedule::Reply> reply = co_await ask<rpc::PauseSchedule>(session.options.socket, params);
    if (!reply) co_return report(session, reply.error());
    if (session.options.json) {
        print_json(session, *reply);
        co_return exit_done;
    }
    auto const when_paused = "Scheduled backups are paused; running exports continue. Resume: scale-backupctl resume";
    // Whether they were paused before, the daemon does not report.
    auto const when_running = "Scheduled backups are not paused.";
    session.console.out << (reply->paused ? when_paused : when_running) << '\n';
    co_return exit_done;
}

task<int> run_pause(Session& session, Arguments) { return set_paused(session, true); }

task<int> run_resume(Session& session, Arguments) { return set_paused(session, false); }

}  // namespace

CommandSpec pause_command() {
    return {
        .word = "pause",
        .summary = "pause the schedule",
        .details = R"(Pauses scheduled backups. Running exports continue, and 'backup' works as
always. The pause lasts until 'resume', also over a restart of the daemon;
'status' shows it in its first line.)",
        .examples = {"scale-backupctl pause"},
        .run = run_pause,
    };
}

CommandSpec resume_command() {
    return {
        .word = "resume",
        .summary = "resume the schedule",
        .details = R"(Resumes scheduled backups: immediately if the window is open, else when it
opens.)",
        .examples = {"scale-backupctl resume"},
        .run = run_resume,
    };
}

}  // namespace sb::ctl
