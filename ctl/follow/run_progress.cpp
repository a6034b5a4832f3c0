#include "ctl/follow/run_progress.hpp"

#include "ctl/render/pages.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>

namespace sb::ctl {

RunProgress::RunProgress(Console& console, rpc::RunInfo run, std::unique_ptr<JobView> view)
    : console_(console), run_(std::move(run)), view_(std::move(view)) {}

bool RunProgress::is_own(JobId id) const { return std::ranges::find(run_.jobs, id) != run_.jobs.end(); }

void RunProgress::take(rpc::RunInfo run) {
    run_ = std::move(run);
    if (!ended() && run_.phase != last_phase_) {
        auto const clock = clock_text(console_.now(), console_.render_options());
        view_->notice(clock + " run " + std::to_string(run_.id) + ": " + run_phase_text(run_));
        last_phase_ = run_.phase;
    }
    for (auto const id : run_.jobs) {
        if (auto const known = other_jobs_.extract(id)) view_->show(known.mapped());
    }
}

void RunProgress::take(rpc::JobInfo const& job) {
    if (is_own(job.id)) view_->show(job);
    else other_jobs_.insert_or_assign(job.id, job);
}

void RunProgress::take(JobFeed::Update const& update) {
    if (update.complete) view_->clear();
    for (auto const& job : update.jobs) take(job);
}

}  // namespace sb::ctl
