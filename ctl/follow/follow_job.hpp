#pragma once
// Follows one job to its end, for backup, restore, verify and watch JOB.

#include "ctl/ask.hpp"
#include "ctl/follow/job_view.hpp"

#include <memory>
#include <vector>

namespace sb::ctl {

/// What a command that follows prints on stdout with --json.
enum class JsonOutput {
    last_state,    ///< one document: the job as it was seen last
    every_change,  ///< one object a line
};

struct FollowOptions {
    JsonOutput json = JsonOutput::last_state;
    /// Takes the job as it was seen last instead of printing it.
    std::vector<rpc::JobInfo>* collect = nullptr;
    bool progress_is_result = false;  ///< progress goes to stdout (watch) and not to stderr (backup, restore)
};

/// The exit code by the job's outcome; 130 after an interrupt, 5 if the daemon stays away.
task<int> follow_job(Session& session, std::unique_ptr<Client> client, JobId job, FollowOptions options);

/// The view that fits the console: bars only where both streams are terminals.
std::unique_ptr<JobView> view_for(Session& session, asio::any_io_executor executor, bool progress_is_result, bool all);

/// Starts a job (backup, restore), then follows it, or prints its id.
template <class Method>
task<int> start_job(Session& session, typename Method::Params params, bool detach) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    Result<typename Method::Reply> started = co_await (*client)->template call<Method>(std::move(params));
    if (!started) co_return report_failed_start(session, started.error(), "The job", "scale-backupctl jobs");
    if (detach) {
        if (session.options.json) print_json(session, started->job);
        else session.console.out << started->job.id << '\n';
        co_return exit_done;
    }
    FollowOptions options;
    co_return co_await follow_job(session, std::move(*client), started->job.id, options);
}

}  // namespace sb::ctl
