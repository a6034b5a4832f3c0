#include "daemon/engine/abandoned_exports.hpp"

#include "daemon/async/failure.hpp"
#include "daemon/core/resolve.hpp"
#include "daemon/core/storage_space.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

constexpr auto longest_task = 24h * 7;

bool is_too_old(Job const& job, UtcTime now) { return now - *job.finished > longest_task; }

void report_watch_crash(std::exception_ptr failure) {
    spdlog::error("the watch of abandoned exports ended: {}", internal_error(exception_text(failure)).context);
}

}  // namespace

AbandonedExports::AbandonedExports(asio::any_io_executor executor, Dependencies dependencies)
    : dependencies_(std::move(dependencies)), group_(executor, report_watch_crash) {}

bool AbandonedExports::is_elsewhere(Job const& job) const {
    return dependencies_.identity.origin_of(job.cluster) == ClusterOrigin::other;
}

/// By the numbers of the jobs where they are known: the clock may have been wrong when one of them ended.
bool AbandonedExports::was_ordered_later(Job const& job, Abandoned const& abandoned) {
    if (abandoned.newest) return job.id > *abandoned.newest;
    return job.id > abandoned.job.id && job.posted > abandoned.job.finished;
}

void AbandonedExports::note(Job const& job, std::optional<JobId> newest) {
    if (job.kind != JobKind::backup) return;
    if (job.outcome == Outcome::succeeded)
        for (auto& [tag, abandoned] : exports_)
            if (abandoned.job.vm == job.vm && was_ordered_later(job, abandoned)) abandoned.is_superseded = true;
    if (!may_still_be_exported(job) || job.tag.empty() || is_elsewhere(job) || !job.finished) return;
    if (is_too_old(job, dependencies_.time.now())) return;
    exports_[job.tag].job = job;
    exports_[job.tag].newest = newest;
    if (watching_) return;
    watching_ = true;
    group_.spawn(watch());
}

std::uint64_t AbandonedExports::expected_bytes() const {
    std::uint64_t bytes = 0;
    for (auto const& [tag, abandoned] : exports_) {
        auto running = abandoned.job;
        running.phase = Phase::following;
        bytes += still_expected(running);
    }
    return bytes;
}

void AbandonedExports::forget(TaskTag const& tag) {
    auto const found = exports_.find(tag);
    if (found == exports_.end()) return;
    auto const job = found->second.job.id;
    spdlog::info("task {} of lost job {} no longer runs", tag.text(), job);
    exports_.erase(found);
    dependencies_.queued.forget(job);
    dependencies_.changed();
}

/// A tag can be unknown for a moment (a node that fails over): one such answer is no end.
task<bool> AbandonedExports::has_come_to_rest(TaskTag tag) {
    auto folder = folder_of(exports_[tag].job);
    auto const stats = co_await dependencies_.catalog.folder_stats(std::move(folder));
    auto const found = exports_.find(tag);
    if (found == exports_.end()) co_return false;
    auto& abandoned = found->second;
    auto const now = dependencies_.time.steady_now();
    if (!stats) abandoned.absent_since.reset();
    else if (!abandoned.absent_since || abandoned.seen != *stats) abandoned.absent_since = now;
    if (stats) abandoned.seen = *stats;
    co_return abandoned.absent_since&& now - *abandoned.absent_since >= dependencies_.limits.resolving;
}

task<Result<void>> AbandonedExports::look(TaskTag tag) {
    auto const known = exports_.find(tag);
    if (known == exports_.end()) co_return boost::system::in_place_value;
    if (is_elsewhere(known->second.job)) {
        if (is_too_old(known->second.job, dependencies_.time.now())) forget(tag);
        co_return boost::system::in_place_value;
    }
    if (auto const refused = dependencies_.vms.login_refused_by_clock()) co_return *refused;
    auto const report = co_await dependencies_.cluster.get_task(tag);
    dependencies_.vms.note_login(report);
    auto const found = exports_.find(tag);
    if (found == exports_.end()) co_return boost::system::in_place_value;
    auto& abandoned = found->second;
    if (!report && is_transient(report.error().code)) {
        abandoned.absent_since.reset();
        co_return report.error();
    }
    bool const is_absent = !report || report->state == TaskState::absent || report->state == TaskState::unknown;
    // A tag of another cluster can be that of another task here.
    bool const is_others =
        !is_absent && (is_of_other_kind(abandoned.job, *report) ||
                       (!report->object_uuid.empty() && report->object_uuid != abandoned.job.vm.text() &&
                        dependencies_.vms.knows(report->object_uuid)));
    bool has_ended = is_others || (!is_absent && !is_working(*report));
    if (is_absent) {
        abandoned.state = TaskState::absent;
        has_ended = co_await has_come_to_rest(tag);
    } else if (!has_ended) {
        abandoned.absent_since.reset();
        abandoned.state = report->state;
        abandoned.job.percent = report->percent;
        dependencies_.queued.note(abandoned.job.id, *report, true);
        dependencies_.changed();
    }
    if (has_ended) forget(tag);
    co_return boost::system::in_place_value;
}

task<void> AbandonedExports::watch() {
    while (!exports_.empty()) {
        std::vector<TaskTag> tags;
        for (auto const& [tag, abandoned] : exports_) tags.push_back(tag);
        for (auto const& tag : tags) {
            // An exception must not end the watch: the bytes would stay reserved.
            try {
                co_await look(tag);
            } catch (std::exception const& e) {
                if (is_stop(e)) throw;
                spdlog::error("asking for task {}: {}", tag.text(), internal_error(e.what()).context);
            }
        }
        auto const next = dependencies_.time.steady_now() + 1min;
        co_await dependencies_.time.sleep_until(next);
    }
    watching_ = false;
}

Error still_exporting(TaskReport const& task, Vm const& vm) {
    return {Errc::refused,
            "task " + task.tag.text() + " of the cluster is still exporting VM " + vm.name + " (" +
                std::to_string(task.percent) +
                " %), so no second export is started. Check the cluster. The schedule tries again automatically; "
                "if the task is dead, back up the VM manually: scale-backupctl backup"};
}

task<Result<void>> AbandonedExports::check(Vm vm) {
    std::vector<TaskTag> tags;
    for (auto const& [tag, abandoned] : exports_)
        if (abandoned.job.vm == vm.uuid && !abandoned.is_superseded && !is_elsewhere(abandoned.job))
            tags.push_back(tag);
    for (auto const& tag : tags) {
        auto const looked = co_await look(tag);
        if (!looked)
            co_return while_doing(looked.error(),
                                  "checking whether task " + tag.text() + " is still exporting VM " + vm.name);
        auto const found = exports_.find(tag);
        if (found == exports_.end()) continue;
        TaskReport task;
        task.tag = tag;
        task.percent = found->second.job.percent;
        if (found->second.state != TaskState::absent) co_return still_exporting(task, vm);
        Error unknown{Errc::refused, "task " + tag.text() + " of lost job " + std::to_string(found->second.job.id) +
                                         " may still be exporting VM " + vm.name +
                                         ": the cluster does not know it at the moment. It is checked for a few "
                                         "minutes; then the schedule tries again automatically"};
        co_return unknown;
    }
    co_return boost::system::in_place_value;
}

}  // namespace sb::engine
