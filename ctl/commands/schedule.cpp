#include "ctl/ask.hpp"
#include "ctl/follow/follow_job.hpp"
#include "ctl/render/pages.hpp"
#include "ctl/render/text.hpp"
#include "ctl/follow/run_progress.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sb::ctl {
namespace {

std::string run_name(rpc::RunInfo const& run) { return "run " + std::to_string(run.id); }

void print_beginning(Session& session, rpc::StartRun::Reply const& started, bool follows = true) {
    auto& console = session.console;
    auto const run = run_name(started.run);
    if (!started.joined) return console.say("Started " + run + ".");
    auto const since = moment_with_age(started.run.started, console.render_options());
    console.say(follows ? "Following " + run + ", which started at " + since + "."
                        : "R" + run.substr(1) + " is in progress; it started at " + since + ".");
}

/// The run as it was seen last, for --json; a run that ended, for people.
void print_run(Session& session, RunProgress const& progress) {
    if (session.options.json) print_json(session, progress.run());
    else if (progress.ended()) session.console.out << run_summary(progress.run(), session.console.render_options());
}

/// The connection ended before the run did.
int stop_following_run(Session& session, RunProgress const& progress, Error const& error) {
    auto const how =
        "Run " + std::to_string(progress.run().id) + " continues. Follow it with: scale-backupctl schedule";
    if (session.interrupted) {
        session.console.say(how);
        return exit_interrupted;
    }
    say_error(session, error);
    if (error.code == Errc::daemon_unreachable) session.console.say(how);
    return exit_code_of(error.code);
}

/// Reads the state of the run, and what its jobs reported meanwhile. Reconnects after a lost connection.
task<Result<void>> poll_run(Session& session, JobFeed& feed, RunProgress& progress) {
    rpc::GetRun::Params params;
    params.run = progress.run().id;
    Result<rpc::GetRun::Reply> reply = co_await feed.client().call<rpc::GetRun>(params);
    if (reply) {
        // The jobs first: their changes came before this answer.
        for (auto const& job : feed.client().take_job_changes()) progress.take(job);
        progress.take(std::move(reply->run));
        co_return Result<void>();
    }
    if (reply.error().code != Errc::daemon_unreachable || session.interrupted) co_return reply.error();
    Result<JobFeed::Update> update = co_await feed.begin();
    if (!update) co_return update.error();
    progress.take(*update);
    co_return Result<void>();
}

task<int> follow_run(Session& session, std::unique_ptr<Client> client, rpc::RunInfo run) {
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    RunProgress progress(session.console, std::move(run), view_for(session, executor, false, true));
    JobFeed feed(session, std::move(client), 0, [&progress](std::string const& line) { progress.notice(line); });
    asio::steady_timer timer(executor);
    boost::system::error_code aborted;

    Result<JobFeed::Update> update = co_await feed.begin();
    Result<void> seen;
    if (update) progress.take(*update);
    else seen = update.error();
    while (seen) {
        seen = co_await poll_run(session, feed, progress);
        if (!seen || progress.ended()) break;
        timer.expires_after(session.retry.poll_run_every);
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, aborted));
        if (session.interrupted) seen = Error{Errc::cancelled, "interrupted"};
    }
    progress.finish();
    print_run(session, progress);
    if (!seen) co_return stop_following_run(session, progress, seen.error());
    co_return progress.run().failed > 0 ? exit_failed : exit_done;
}

task<int> run_schedule(Session& session, Arguments arguments) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    rpc::StartRun::Params params;
    Result<rpc::StartRun::Reply> started = co_await (*client)->call<rpc::StartRun>(params);
    if (!started) co_return report_failed_start(session, started.error(), "The run", "scale-backupctl runs");
    if (!arguments.has("detach")) {
        print_beginning(session, *started);
        co_return co_await follow_run(session, std::move(*client), std::move(started->run));
    }
    if (started->joined) print_beginning(session, *started, false);
    if (session.options.json) print_json(session, started->run);
    else session.console.out << started->run.id << '\n';
    co_return exit_done;
}

}  // namespace

CommandSpec schedule_command() {
    return {
        .word = "schedule",
        .summary = "run the schedule now",
        .options = {{.name = "detach", .help = "print the run id and return immediately"}},
        .details = R"(Starts a run of the schedule now and follows it: every VM that is due is
exported, then old backups are cleaned up. The daemon starts runs automatically
when the window opens; this command is for the time in between. If a run is in
progress, it follows that one. Refused outside the window and while paused
(exit code 4). Exit code 1 if a VM was not backed up. Ctrl-C stops following,
not the run.)",
        .examples = {"scale-backupctl schedule"},
        .run = run_schedule,
    };
}

}  // namespace sb::ctl
