#include "daemon/engine/queued_exports.hpp"

#include <algorithm>

namespace sb::engine {

using namespace core;

void QueuedExports::note(JobId job, TaskReport const& task, bool is_stalled) {
    auto const now = time_.steady_now();
    if (task.state == TaskState::queued) queued_.try_emplace(job, Queued{task.tag, now, time_.now()});
    else queued_.erase(job);
    expected_.erase(job);
    if (task.state == TaskState::running && !is_stalled) last_running_ = now;
    judge();
}

void QueuedExports::note_asked(JobId job) {
    if (expected_.erase(job) > 0) judge();
}

void QueuedExports::forget(JobId job) {
    expected_.erase(job);
    queued_.erase(job);
    judge();
}

/// The cluster may limit its exports, too: one that waits behind a running one is not a fault.
void QueuedExports::judge() {
    if (queued_.empty() && !expected_.empty()) return;  // a condition of the previous run may still hold
    if (queued_.empty()) {
        is_reported_ = false;
        conditions_.clear(ConditionKind::exports_not_started);  // also one of the previous run
        return;
    }
    auto first = SteadyTime::max();
    for (auto const& [job, queued] : queued_) first = std::min(first, queued.since);
    auto const since = std::max(first, last_running_.value_or(first));
    is_reported_ = time_.steady_now() - since >= limits_.not_started;
    if (is_reported_) conditions_.raise(ConditionKind::exports_not_started, why_held());
}

std::string QueuedExports::why_held() const {
    std::string text;
    for (auto const& [job, queued] : queued_) {
        if (!text.empty()) text += "; ";
        text += "the export of job " + std::to_string(job) + " (task " + queued.tag.text() +
                ") has been QUEUED at the cluster since " + format_rfc3339(queued.since_utc);
    }
    for (auto const job : expected_) {
        if (!text.empty()) text += "; ";
        text += "the cluster has not been asked about the export of job " + std::to_string(job) + " since the start";
    }
    return text;
}

std::string QueuedExports::why_no_exports() const {
    return is_reported_ ? "the cluster does not start exports: " + why_held() : std::string();
}

}  // namespace sb::engine
