#include "ctl/run_progress.hpp"

#include "ctl/render/schedule_pages.hpp"
#include "ctl/render/words.hpp"

#include <algorithm>

namespace sb::ctl {

RunProgress::RunProgress(Console& console, rpc::RunInfo run, std::unique_ptr<JobView> view)
    : console_(console), run_(std::move(run)), view_(std::move(view)) {}

bool RunProgress::is_ours(JobId id) const { return std::ranges::find(run_.jobs, id) != run_.jobs.end(); }

void RunProgress::take(rpc::RunInfo run) {
    run_ = std::move(run);
    if (!ended() && run_.phase != said_phase_) {
        auto const clock = clock_text(console_.now(), console_.look());
        view_->notice(clock + " run " + std::to_string(run_.id) + ": " + run_phase_words(run_));
        said_phase_ = run_.phase;
    }
    for (auto const id : run_.jobs) {
        if (auto const known = strangers_.extract(id)) view_->show(known.mapped());
    }
}

void RunProgress::take(rpc::JobInfo const& job) {
    if (is_ours(job.id)) view_->show(job);
    else strangers_.insert_or_assign(job.id, job);
}

void RunProgress::take(JobFeed::News const& news) {
    if (news.whole) view_->forget();
    for (auto const& job : news.jobs) take(job);
}

}  // namespace sb::ctl
