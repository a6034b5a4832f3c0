// While the cluster works: polls the task.
#include "common/text/duration_text.hpp"
#include "daemon/engine/actions.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

bool is_unexpected(TaskState state) { return state == TaskState::uninitialized || state == TaskState::unknown; }

Error no_progress(TaskReport const& task, UtcTime since) {
    return {Errc::timed_out, "task " + task.tag.text() + " of the cluster has made no progress since " +
                                 format_rfc3339(since) + ", at " + std::to_string(task.percent) + " %"};
}

}  // namespace

task<Event> Actions::follow(LiveJob& live) {
    PollInterval poll_interval{dependencies_.time.steady_now()};
    auto last_readable = dependencies_.time.steady_now();
    std::optional<SteadyTime> unexpected_since;
    Milliseconds backoff = 1s;
    bool check_tag = true;
    bool is_first_report = true;
    for (;;) {
        auto const wake = poll_interval.next(dependencies_.time.steady_now());
        co_await dependencies_.time.sleep_until(wake);
        auto const tag = live.job.tag;
        auto const refused = refused_login(live);
        Result<TaskReport> report = refused.value_or(Error());
        if (!refused) {
            auto const out_of_reach = co_await why_out_of_reach(live);
            if (out_of_reach) co_return PollingFailed{*out_of_reach};
            report = co_await cluster_of(live).get_task(tag);
            note_login(live, report);
        }
        auto const now = dependencies_.time.steady_now();

        if (!report) {
            dependencies_.task_asked(live);
            // Cancelled: the daemon is stopping, and the next co_await ends this.
            if (report.error().code != Errc::cancelled && !refused)
                spdlog::warn("job {}: task {} cannot be read: {}", live.job.id, tag.text(), report.error().context);
            if (now - last_readable >= limits_.cluster_unreachable) {
                auto what = "task " + tag.text() + " was abandoned after " + length_text(limits_.cluster_unreachable) +
                            " without an answer";
                co_return PollingFailed{while_doing(report.error(), what)};
            }
            co_await sleep(backoff);
            backoff = std::min<Milliseconds>(backoff * 2, 30s);
            continue;
        }
        last_readable = now;
        backoff = 1s;
        poll_interval.record(now, report->state, report->percent);

        if (check_tag) {
            auto const is_others = co_await is_of_other(live, *report);
            if (is_others && *is_others) {
                auto what = "task " + tag.text() + " belongs to another VM or is of another kind (" +
                            report->object_uuid + ", '" + report->description + "')";
                Error error{Errc::outcome_unknown, std::move(what)};
                co_return TaskOfOtherVm{std::move(error)};
            }
            // Checked again if the VMs could not be listed.
            check_tag = !is_others;
        }
        bool const unfinished =
            report->state == TaskState::queued || report->state == TaskState::running || is_unexpected(report->state);
        if (!unfinished) co_return TaskSeen{*report};
        dependencies_.task_seen(live, *report);

        if (is_unexpected(report->state)) {
            if (!unexpected_since)
                spdlog::warn("job {}: task {} is in state {}", live.job.id, tag.text(), report->state_word);
            if (!unexpected_since) unexpected_since = now;
            if (now - *unexpected_since >= limits_.unexpected_state) {
                Error error{Errc::task_failed, "task " + tag.text() + " has been in state '" + report->state_word +
                                                   "' for " + length_text(limits_.unexpected_state) +
                                                   "; its outcome is unknown"};
                co_return PollingFailed{std::move(error)};
            }
        } else {
            unexpected_since.reset();
        }
        bool const is_running = report->state == TaskState::running;
        if (is_stalled(live.job) && is_running && report->percent != live.job.percent) {
            live.job.percent = report->percent;
            co_return TaskMoves{};
        }
        bool const stands_still = is_running && now - poll_interval.unchanged_since() >= limits_.stalled;
        if (stands_still && !is_stalled(live.job)) {
            live.job.percent = report->percent;
            auto const length = now - poll_interval.unchanged_since();
            auto error = no_progress(*report, dependencies_.time.now() - length);
            if (dependencies_.may_leave_slot(live, error)) co_return TaskStalled{std::move(error)};
        }
        if (report->percent != live.job.percent && !is_unexpected(report->state)) {
            live.job.percent = report->percent;
            // After a restart the percentage is not known: the first one is no progress of a task that stood still.
            if (!is_first_report || !live.is_stuck) dependencies_.progressed(live);
        }
        is_first_report = false;
    }
}

}  // namespace sb::engine
