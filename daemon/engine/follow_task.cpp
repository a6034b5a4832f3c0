#include "daemon/engine/follow_task.hpp"

#include <algorithm>

namespace sb::engine {

task<Result<void>> follow_task(ports::Cluster& cluster, ports::Time& time, TaskTag tag, Milliseconds limit) {
    using core::TaskState;
    constexpr Milliseconds max_pause{2000};
    auto const which = "task " + tag.text() + " of the cluster";
    auto const give_up = time.steady_now() + limit;
    Milliseconds pause{200};
    Error lost;
    for (;;) {
        auto const report = co_await cluster.get_task(tag);
        if (report) {
            lost = {};
            if (report->state == TaskState::complete) co_return Result<void>();
            if (report->state == TaskState::error)
                co_return Error{Errc::task_failed,
                                which + " failed: " + (report->message.empty() ? "no reason given" : report->message)};
            if (report->state == TaskState::uninitialized)
                co_return Error{Errc::task_failed, which + " never started (UNINITIALIZED)"};
            if (report->state == TaskState::absent)
                co_return Error{Errc::not_found, "the cluster no longer knows task " + tag.text()};
        } else {
            lost = report.error();
            if (!is_transient(lost.code)) co_return lost;
        }
        auto const next = time.steady_now() + pause;
        if (next > give_up) {
            auto const seconds = std::to_string(limit.count() / 1000);
            auto text = which + " did not finish within " + seconds + " s";
            if (!lost.context.empty()) text += " (" + lost.context + ")";
            co_return Error{Errc::timed_out, std::move(text)};
        }
        co_await time.sleep_until(next);
        pause = std::min(pause * 2, max_pause);
    }
}

}  // namespace sb::engine
