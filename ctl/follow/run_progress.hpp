#pragma once
// What is shown of a run while it is in progress: its phases, and its own jobs.

#include "common/rpc/methods.hpp"
#include "ctl/follow/job_feed.hpp"
#include "ctl/follow/job_view.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sb::ctl {

class RunProgress {
public:
    /// `view` shows many jobs. `console` must outlive it.
    RunProgress(Console& console, rpc::RunInfo run, std::unique_ptr<JobView> view);

    void take(rpc::RunInfo run);
    void take(rpc::JobInfo const& job);
    void take(JobFeed::Update const& update);
    void notice(std::string const& line) { view_->notice(line); }
    /// Leaves the terminal clean.
    void finish() { view_->finish(); }

    rpc::RunInfo const& run() const { return run_; }
    bool ended() const { return run_.state != "running"; }

private:
    bool is_own(JobId id) const;

    Console& console_;
    rpc::RunInfo run_;
    std::unique_ptr<JobView> view_;
    std::string last_phase_;
    /// The newest state of jobs that the run does not list as its own (yet).
    std::map<JobId, rpc::JobInfo> other_jobs_;
};

}  // namespace sb::ctl
