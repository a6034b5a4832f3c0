#pragma once
// Follows one job to its end, for backup, restore and watch JOB.

#include "ctl/client.hpp"
#include "ctl/job_view.hpp"
#include "ctl/session.hpp"

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

/// The view that fits the console: bars only where a person looks at both streams.
std::unique_ptr<JobView> view_for(Session& session, asio::any_io_executor executor, bool progress_is_result, bool all);

}  // namespace sb::ctl
