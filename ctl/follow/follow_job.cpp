#include "ctl/follow/follow_job.hpp"

#include "common/text/shell_word.hpp"
#include "ctl/ask.hpp"
#include "ctl/follow/job_feed.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/text.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>

namespace sb::ctl {
namespace {

void print_how_to_follow(Session& session, JobId job) {
    auto const id = std::to_string(job);
    session.console.say("Job " + id + " continues. Follow it with: " + suggested_command("watch", {id}));
}

/// Where backups are, for the last sentence. Optional, so it must not delay the end.
task<std::string> backup_root(Client& client) {
    client.set_call_limit(std::chrono::seconds{2});
    rpc::Status::Params params;
    Result<rpc::Status::Reply> status = co_await client.call<rpc::Status>(params);
    if (!status) co_return std::string();
    co_return status->storage.path;
}

/// Prints how the job ended: success on stdout, everything else on stderr.
int print_end(Session& session, rpc::JobInfo const& job, std::string const& root) {
    bool const good = job.state == "succeeded";
    auto const sentence = ending_sentence(job, root);
    if (!good) session.console.say("scale-backupctl: " + sentence);
    else if (!session.options.json) session.console.out << sentence << '\n';
    for (auto const& warning : job.warnings) session.console.say("warning: " + escape_controls(warning));
    return exit_code_of_job(job);
}

/// Remembers what was seen last and shows what arrives.
class JobFollower {
public:
    JobFollower(Session& session, JobId job, FollowOptions const& options, std::unique_ptr<JobView> view)
        : session_(session), job_(job), options_(options), view_(std::move(view)) {}

    void take(JobFeed::Update const& update) {
        for (auto const& job : update.jobs) {
            if (job.id != job_) continue;
            seen_ = job;
            bool const stream = session_.options.json && options_.json == JsonOutput::every_change;
            if (stream) session_.console.out << rpc::encode(job) << '\n' << std::flush;
            else view_->show(job);
        }
    }

    void notice(std::string const& line) { view_->notice(line); }
    bool ended() const { return seen_ && has_ended(*seen_); }
    std::optional<rpc::JobInfo> const& seen() const { return seen_; }

    /// Cleans the terminal and gives --json its document.
    void finish() {
        view_->finish();
        if (options_.collect != nullptr && seen_) options_.collect->push_back(*seen_);
        else if (session_.options.json && options_.json == JsonOutput::last_state && seen_)
            print_json(session_, *seen_);
    }

private:
    Session& session_;
    JobId job_;
    FollowOptions options_;
    std::unique_ptr<JobView> view_;
    std::optional<rpc::JobInfo> seen_;
};

/// The connection ended before the job did.
int stop_following_job(Session& session, JobFollower& follower, JobId job, Error const& error) {
    follower.finish();
    if (session.interrupted) {
        print_how_to_follow(session, job);
        return exit_interrupted;
    }
    say_error(session, error);
    if (error.code == Errc::daemon_unreachable) print_how_to_follow(session, job);
    return exit_code_of(error.code);
}

}  // namespace

std::unique_ptr<JobView> view_for(Session& session, asio::any_io_executor executor, bool progress_is_result, bool all) {
    auto& console = session.console;
    auto& out = progress_is_result ? console.out : console.err;
    bool const live = console.terminal.out && console.terminal.err && console.terminal.can_draw;
    if (live) return live_job_view(std::move(executor), console, out, all);
    return plain_job_view(console, out, all);
}

task<int> follow_job(Session& session, std::unique_ptr<Client> client, JobId job, FollowOptions options) {
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    JobFollower follower(session, job, options, view_for(session, executor, options.progress_is_result, false));
    JobFeed feed(session, std::move(client), job, [&follower](std::string const& line) { follower.notice(line); });

    Result<JobFeed::Update> update = co_await feed.begin();
    if (update) follower.take(*update);
    if (update && !follower.seen()) {
        Error const nothing{Errc::not_found, "there is no job " + std::to_string(job)};
        follower.finish();
        co_return report(session, nothing);
    }
    // Nothing was seen, so there is no document to print: the error is the whole answer.
    if (!update && !follower.seen() && !session.interrupted && update.error().code != Errc::daemon_unreachable) {
        follower.finish();
        co_return report(session, update.error());
    }
    while (update && !follower.ended()) {
        update = co_await feed.next();
        if (update) follower.take(*update);
    }
    if (!update) co_return stop_following_job(session, follower, job, update.error());

    follower.finish();
    std::string root;
    bool const backed_up = follower.seen()->kind == "backup" && follower.seen()->state == "succeeded";
    if (backed_up && !session.options.json) root = co_await backup_root(feed.client());
    co_return print_end(session, *follower.seen(), root);
}

}  // namespace sb::ctl
