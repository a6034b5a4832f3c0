#include "daemon/app/service_report.hpp"

#include "daemon/core/text.hpp"

#include <algorithm>

namespace sb::app {
namespace {

std::string clock_time(UtcTime time, core::Zone const& zone) {
    auto const text = core::moment_text(time, zone);  // "2026-11-23 05:04"
    return text.substr(text.find(' ') + 1);
}

std::string jobs_words(rpc::Status::Jobs const& jobs) {
    if (jobs.running == 0 && jobs.queued == 0) return "idle";
    std::string words = std::to_string(jobs.running) + " running";
    if (jobs.queued > 0) words += ", " + std::to_string(jobs.queued) + " waiting";
    return words;
}

std::string window_words(rpc::Status::Reply const& status, core::Zone const& zone) {
    if (!status.window.configured) return "no schedule";
    if (status.paused) return "schedule paused";
    if (status.window.open)
        return status.window.closes ? "window open until " + clock_time(*status.window.closes, zone)
                                    : "window always open";
    return status.window.opens ? "next window " + clock_time(*status.window.opens, zone) : "";
}

}  // namespace

std::string service_status(rpc::Status::Reply const& status, core::Zone const& zone) {
    auto text = jobs_words(status.jobs);
    if (auto const window = window_words(status, zone); !window.empty()) text += "; " + window;
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
    said_ = co_await line();
    manager_.ready(said_);
}

task<void> ServiceReport::keep_telling() {
    if (!manager_.listens()) co_return;
    constexpr Milliseconds look_every{2'000};
    // Half the time that is allowed, as sd_watchdog_enabled(3) advises.
    auto const pause = std::min(look_every, manager_.watchdog().value_or(2 * look_every) / 2);
    for (;;) {
        auto const wake = time_.steady_now() + pause;
        co_await time_.sleep_until(wake);
        if (manager_.watchdog()) manager_.alive();
        auto const now = co_await line();
        if (now == said_) continue;
        said_ = now;
        manager_.status(said_);
    }
}

}  // namespace sb::app
