#pragma once
// What is shown of a run while it goes on: its phases, and those jobs that are its own.

#include "common/rpc/methods.hpp"
#include "ctl/job_feed.hpp"
#include "ctl/job_view.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sb::ctl {

class RunProgress {
public:
    /// `view` tells of many jobs. `console` must outlive it.
    RunProgress(Console& console, rpc::RunInfo run, std::unique_ptr<JobView> view);

    void take(rpc::RunInfo run);
    void take(rpc::JobInfo const& job);
    void take(JobFeed::News const& news);
    void notice(std::string const& line) { view_->notice(line); }
    /// Leaves the terminal clean.
    void finish() { view_->finish(); }

    rpc::RunInfo const& run() const { return run_; }
    bool ended() const { return run_.state != "running"; }

private:
    bool is_ours(JobId id) const;

    Console& console_;
    rpc::RunInfo run_;
    std::unique_ptr<JobView> view_;
    std::string said_phase_;
    /// Jobs of others, and those that were told of before the run said that they are its own: their newest state.
    std::map<JobId, rpc::JobInfo> strangers_;
};

}  // namespace sb::ctl
