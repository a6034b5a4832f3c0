#include "ctl/follow/follow_job.hpp"
#include "ctl/follow/job_feed.hpp"
#include "ctl/render/text.hpp"

#include <boost/asio/this_coro.hpp>

namespace sb::ctl {
namespace {

void show_update(Session& session, JobView& view, JobFeed::Update const& update) {
    if (update.complete) view.clear();
    for (auto const& job : update.jobs) {
        // Jobs that ended before are not shown.
        if (update.complete && has_ended(job)) continue;
        if (session.options.json) session.console.out << rpc::encode(job) << '\n' << std::flush;
        else view.show(job);
    }
}

task<int> watch_all(Session& session, std::unique_ptr<Client> client) {
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    auto const view = session.options.json ? plain_job_view(session.console, session.console.err, true)
                                           : view_for(session, executor, true, true);
    JobFeed feed(session, std::move(client), 0, [&view](std::string const& line) { view->notice(line); });
    Result<JobFeed::Update> update = co_await feed.begin();
    while (update) {
        show_update(session, *view, *update);
        // If the reader is gone (head -1), do not wait for the next job.
        if (!session.console.out) break;
        update = co_await feed.next();
    }
    view->finish();
    if (update) co_return exit_code_of(Errc::io);
    if (session.interrupted) co_return exit_interrupted;
    say_error(session, update.error());
    co_return exit_code_of(update.error().code);
}

task<int> run_watch(Session& session, Arguments arguments) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    auto const job = arguments.job("JOB");
    if (!job) co_return co_await watch_all(session, std::move(*client));
    FollowOptions options;
    options.json = JsonOutput::every_change;
    options.progress_is_result = true;
    co_return co_await follow_job(session, std::move(*client), *job, options);
}

}  // namespace

CommandSpec watch_command() {
    return {
        .word = "watch",
        .summary = "follow one job, or all",
        .arguments =
            {{.name = "JOB", .value = {ValueKind::job}, .help = "a job id, as 'jobs' prints it", .optional = true}},
        .details = R"(Follows a job to its end; the exit code tells how it ended. Without JOB it
follows all jobs until Ctrl-C. With --json: one job object a line.)",
        .examples = {"scale-backupctl watch 17"},
        .run = run_watch,
    };
}

}  // namespace sb::ctl
