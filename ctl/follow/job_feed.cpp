#include "ctl/follow/job_feed.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sb::ctl {

JobFeed::JobFeed(Session& session, std::unique_ptr<Client> client, JobId job, Notice notice)
    : session_(session), client_(std::move(client)), job_(job), notice_(std::move(notice)) {}

task<Result<JobFeed::Update>> JobFeed::begin() {
    rpc::SubscribeJobs::Params params;
    params.job = job_;
    Result<rpc::SubscribeJobs::Reply> reply = co_await client_->call<rpc::SubscribeJobs>(params);
    // The daemon may stop at this very moment, too.
    if (!reply && reply.error().code == Errc::daemon_unreachable && !session_.interrupted) {
        co_return co_await reconnect(reply.error());
    }
    if (!reply) co_return reply.error();
    Update update;
    update.jobs = std::move(reply->jobs);
    update.complete = true;
    co_return update;
}

task<Result<JobFeed::Update>> JobFeed::next() {
    Result<rpc::JobInfo> job = co_await client_->next_job_change();
    if (!job && job.error().code == Errc::daemon_unreachable && !session_.interrupted) {
        co_return co_await reconnect(job.error());
    }
    if (!job) co_return job.error();
    Update update;
    update.jobs.push_back(std::move(*job));
    co_return update;
}

task<Result<JobFeed::Update>> JobFeed::reconnect(Error cause) {
    notice_(cause.context + "; reconnecting");
    auto const give_up = session_.console.steady_now() + session_.retry.reconnect_for;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    boost::system::error_code aborted;
    rpc::SubscribeJobs::Params params;
    params.job = job_;
    while (!session_.interrupted) {
        Result<std::unique_ptr<Client>> client = co_await Client::connect(session_.options.socket);
        if (client && !session_.interrupted) {
            client_ = std::move(*client);
            Result<rpc::SubscribeJobs::Reply> reply = co_await client_->call<rpc::SubscribeJobs>(params);
            if (reply) {
                notice_("reconnected to scale-backupd");
                Update update;
                update.jobs = std::move(reply->jobs);
                update.complete = true;
                co_return update;
            }
            cause = reply.error();
        } else if (!client) {
            cause = client.error();
        }
        if (cause.code != Errc::daemon_unreachable || session_.console.steady_now() >= give_up) break;
        if (session_.interrupted) break;
        timer.expires_after(session_.retry.pause);
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, aborted));
    }
    co_return cause;
}

}  // namespace sb::ctl
