#include "common/error.hpp"
#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/commands/follow.hpp"

namespace sb::ctl {
namespace {

void print_ids(Session& session, std::vector<rpc::JobInfo> const& jobs, bool one_was_named) {
    if (session.options.json && one_was_named) return print_json(session, jobs.front());
    if (session.options.json) return print_json(session, jobs);
    for (auto const& job : jobs) session.console.results << job.id << '\n';
}

/// One after the other, as the daemon goes through them. The first exit code that is not 0; an interrupt ends it.
task<int> follow_all(Session& session, std::vector<rpc::JobInfo> jobs) {
    std::vector<rpc::JobInfo> seen;
    FollowOptions options;
    options.collect = &seen;
    int code = exit_done;
    for (auto const& job : jobs) {
        Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
        if (!client) co_return report(session, client.error());
        int const one = co_await follow_job(session, std::move(*client), job.id, options);
        if (code == exit_done || one == exit_interrupted) code = one;
        if (session.interrupted) break;
    }
    if (session.options.json) print_json(session, seen);
    co_return code;
}

}  // namespace

task<int> run_command(Session& session, Verify command) {
    bool const one_was_named = command.backups.size() == 1;
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    rpc::StartVerify::Params params;
    params.backups = std::move(command.backups);
    params.level = std::move(command.level);
    Result<rpc::StartVerify::Reply> started = co_await (*client)->call<rpc::StartVerify>(std::move(params));
    if (!started) {
        int const code = report(session, started.error());
        bool const unanswered = session.interrupted || started.error().code == Errc::daemon_unreachable;
        if (unanswered) session.console.say("whether the jobs began is not known; see: scale-backupctl jobs");
        co_return code;
    }
    auto& jobs = started->jobs;
    if (jobs.empty()) {
        session.console.say("There is no backup that can be verified.");
        if (session.options.json) print_json(session, jobs);
        co_return exit_done;
    }
    if (command.detach) {
        print_ids(session, jobs, one_was_named);
        co_return exit_done;
    }
    if (!one_was_named) co_return co_await follow_all(session, std::move(jobs));
    FollowOptions options;
    co_return co_await follow_job(session, std::move(*client), jobs.front().id, options);
}

}  // namespace sb::ctl
