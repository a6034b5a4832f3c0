#include "ctl/commands/commands.hpp"
#include "ctl/commands/follow.hpp"
#include "ctl/job_feed.hpp"
#include "ctl/render/words.hpp"

#include <boost/asio/this_coro.hpp>

namespace sb::ctl {
namespace {

void show(Session& session, JobView& view, JobFeed::News const& news) {
    if (news.whole) view.forget();
    for (auto const& job : news.jobs) {
        // What ended before we came is no news.
        if (news.whole && has_ended(job)) continue;
        if (session.options.json) session.console.results << rpc::encode(job) << '\n' << std::flush;
        else view.show(job);
    }
}

task<int> watch_all(Session& session, std::unique_ptr<Client> client) {
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    auto const view = session.options.json ? plain_job_view(session.console, session.console.talk, true)
                                           : view_for(session, executor, true, true);
    JobFeed feed(session, std::move(client), 0, [&view](std::string const& line) { view->notice(line); });
    Result<JobFeed::News> news = co_await feed.begin();
    while (news) {
        show(session, *view, *news);
        // A reader that went away (head -1) must not leave us waiting for the next job.
        if (!session.console.results) break;
        news = co_await feed.next();
    }
    view->finish();
    if (news) co_return exit_code_of(Errc::io);
    if (session.interrupted) co_return exit_interrupted;
    session.console.say("scale-backupctl: " + news.error().context);
    co_return exit_code_of(news.error().code);
}

}  // namespace

task<int> run_command(Session& session, Watch command) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    if (!command.job) co_return co_await watch_all(session, std::move(*client));
    FollowOptions options;
    options.json = JsonOutput::every_change;
    options.progress_is_result = true;
    co_return co_await follow_job(session, std::move(*client), *command.job, options);
}

}  // namespace sb::ctl
