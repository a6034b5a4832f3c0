#include "daemon/app/service_report.hpp"

#include "daemon/core/text.hpp"

#include <algorithm>

namespace sb::app {
namespace {

std::string clock_time(UtcTime time, core::Zone const& zone) {
    auto const text = core::moment_text(time, zone);  // "2026-11-23 05:04"
    return text.substr(text.find(' ') + 1);
}

std::string jobs_text(rpc::Status::Jobs const& jobs) {
    if (jobs.running == 0 && jobs.queued == 0) return "idle";
    std::string text = std::to_string(jobs.running) + " running";
    if (jobs.queued > 0) text += ", " + std::to_string(jobs.queued) + " waiting";
    return text;
}

std::string window_text(rpc::Status::Reply const& status, core::Zone const& zone) {
    if (!status.window.configured) return "no schedule";
    if (status.paused) return "schedule paused";
    if (status.window.open)
        return status.window.closes ? "window open until " + clock_time(*status.window.closes, zone)
                                    : "window always open";
    return status.window.opens ? "next window " + clock_time(*status.window.opens, zone) : "";
}

}  // namespace

std::string service_status(rpc::Status::Reply const& status, core::Zone const& zone) {
    auto text = jobs_text(status.jobs);
    if (auto const window = window_text(status, zone); !window.empty()) text += "; " + window;
    if (!status.behind.empty())
        text += "; " + core::count_text(static_cast<std::int64_t>(status.behind.size()), "VM") + " behind";
    if (status.cluster.reachable && !*status.cluster.reachable) text += "; the cluster does not answer";
    return text;
}

task<std::string> ServiceReport::line() const {
    auto const status = co_await ask_();
    if (!status) co_return std::string("running");
    co_return service_status(*status, zone_);
}

task<void> ServiceReport::ready() {
    last_line_ = co_await line();
    manager_.ready(last_line_);
}

task<void> ServiceReport::keep_reporting() {
    if (!manager_.listens()) co_return;
    constexpr Milliseconds check_every{2'000};
    // Half of the allowed time, as sd_watchdog_enabled(3) advises.
    auto const pause = std::min(check_every, manager_.watchdog().value_or(2 * check_every) / 2);
    for (;;) {
        auto const wake = time_.steady_now() + pause;
        co_await time_.sleep_until(wake);
        if (manager_.watchdog()) manager_.alive();
        auto const now = co_await line();
        if (now == last_line_) continue;
        last_line_ = now;
        manager_.status(last_line_);
    }
}

}  // namespace sb::app
