#include "daemon/engine/follow_task.hpp"

#include <algorithm>

namespace sb::engine {

task<Result<void>> follow_task(ports::Cluster& cluster, ports::Time& time, TaskTag tag, Milliseconds limit) {
    using core::TaskState;
    constexpr Milliseconds longest_pause{2000};
    auto const which = "the cluster's task " + tag.text();
    auto const give_up = time.steady_now() + limit;
    Milliseconds pause{200};
    Error lost;
    for (;;) {
        auto const report = co_await cluster.get_task(tag);
        if (report) {
            lost = {};
            if (report->state == TaskState::complete) co_return Result<void>();
            if (report->state == TaskState::error)
                co_return Error{
                    Errc::task_failed,
                    which + " failed: " + (report->message.empty() ? "it gives no reason" : report->message)};
            if (report->state == TaskState::uninitialized)
                co_return Error{Errc::task_failed, which + " was never begun (UNINITIALIZED)"};
            if (report->state == TaskState::absent)
                co_return Error{Errc::not_found, "the cluster does not know its task " + tag.text() + " any more"};
        } else {
            lost = report.error();
            if (!is_transient(lost.code)) co_return lost;
        }
        auto const next = time.steady_now() + pause;
        if (next > give_up) {
            auto const seconds = std::to_string(limit.count() / 1000);
            auto words = which + " did not end within " + seconds + " s";
            if (!lost.context.empty()) words += " (" + lost.context + ")";
            co_return Error{Errc::timed_out, std::move(words)};
        }
        co_await time.sleep_until(next);
        pause = std::min(pause * 2, longest_pause);
    }
}

}  // namespace sb::engine
