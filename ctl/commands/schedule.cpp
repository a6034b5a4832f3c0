#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/commands/follow.hpp"
#include "ctl/render/schedule_pages.hpp"
#include "ctl/render/words.hpp"
#include "ctl/run_progress.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sb::ctl {
namespace {

std::string name_of(rpc::RunInfo const& run) { return "run " + std::to_string(run.id); }

void say_how_it_began(Session& session, rpc::StartRun::Reply const& started) {
    auto& console = session.console;
    auto const run = name_of(started.run);
    if (!started.joined) return console.say(run + " begins");
    console.say("joined " + run + ", which began at " + moment_with_age(started.run.started, console.look()));
}

/// The run as it was seen last, for --json; a run that ended, for people.
void print_run(Session& session, RunProgress const& progress) {
    if (session.options.json) print_json(session, progress.run());
    else if (progress.ended()) session.console.results << run_summary(progress.run(), session.console.look());
}

/// The way ended before the run did.
int give_up(Session& session, RunProgress const& progress, Error const& error) {
    auto const how = name_of(progress.run()) + " goes on; follow it with: scale-backupctl schedule";
    if (session.interrupted) {
        session.console.say(how);
        return exit_interrupted;
    }
    session.console.say("scale-backupctl: " + error.context);
    if (error.code == Errc::daemon_unreachable) session.console.say(how);
    return exit_code_of(error.code);
}

/// Looks at the run, and at what its jobs told meanwhile. A lost connection is taken up again.
task<Result<void>> look(Session& session, JobFeed& feed, RunProgress& progress) {
    rpc::GetRun::Params params;
    params.run = progress.run().id;
    Result<rpc::GetRun::Reply> reply = co_await feed.client().call<rpc::GetRun>(params);
    if (reply) {
        // The jobs first: what they told came before this answer.
        for (auto const& job : feed.client().take_job_changes()) progress.take(job);
        progress.take(std::move(reply->run));
        co_return Result<void>();
    }
    if (reply.error().code != Errc::daemon_unreachable || session.interrupted) co_return reply.error();
    Result<JobFeed::News> news = co_await feed.begin();
    if (!news) co_return news.error();
    progress.take(*news);
    co_return Result<void>();
}

task<int> follow_run(Session& session, std::unique_ptr<Client> client, rpc::RunInfo run) {
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    RunProgress progress(session.console, std::move(run), view_for(session, executor, false, true));
    JobFeed feed(session, std::move(client), 0, [&progress](std::string const& line) { progress.notice(line); });
    asio::steady_timer timer(executor);
    boost::system::error_code aborted;

    Result<JobFeed::News> news = co_await feed.begin();
    Result<void> seen;
    if (news) progress.take(*news);
    else seen = news.error();
    while (seen) {
        seen = co_await look(session, feed, progress);
        if (!seen || progress.ended()) break;
        timer.expires_after(session.retry.look_every);
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, aborted));
        if (session.interrupted) seen = Error{Errc::cancelled, "interrupted"};
    }
    progress.finish();
    print_run(session, progress);
    if (!seen) co_return give_up(session, progress, seen.error());
    co_return progress.run().failed > 0 ? 1 : exit_done;
}

}  // namespace

task<int> run_command(Session& session, Schedule command) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    rpc::StartRun::Params params;
    Result<rpc::StartRun::Reply> started = co_await (*client)->call<rpc::StartRun>(params);
    if (!started) {
        int const code = report(session, started.error());
        // The request was on its way: the run may have begun without us knowing its number.
        bool const unanswered = session.interrupted || started.error().code == Errc::daemon_unreachable;
        if (unanswered) session.console.say("whether the run began is not known; see: scale-backupctl runs");
        co_return code;
    }
    if (!command.detach) {
        say_how_it_began(session, *started);
        co_return co_await follow_run(session, std::move(*client), std::move(started->run));
    }
    if (started->joined) say_how_it_began(session, *started);
    if (session.options.json) print_json(session, started->run);
    else session.console.results << started->run.id << '\n';
    co_return exit_done;
}

}  // namespace sb::ctl
