#pragma once
// What backup and restore have in common: start a job, then follow it or print its id.

#include "ctl/commands/ask.hpp"
#include "ctl/commands/follow.hpp"

namespace sb::ctl {

template <class Method>
task<int> start_job(Session& session, typename Method::Params params, bool detach) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    Result<typename Method::Reply> started = co_await (*client)->template call<Method>(std::move(params));
    if (!started) {
        int const code = report(session, started.error());
        // The request was on its way: the job may have begun without us knowing its number.
        bool const unanswered = session.interrupted || started.error().code == Errc::daemon_unreachable;
        if (unanswered) session.console.say("whether the job began is not known; see: scale-backupctl jobs");
        co_return code;
    }
    if (detach) {
        if (session.options.json) print_json(session, started->job);
        else session.console.results << started->job.id << '\n';
        co_return exit_done;
    }
    FollowOptions options;
    co_return co_await follow_job(session, std::move(*client), started->job.id, options);
}

}  // namespace sb::ctl
