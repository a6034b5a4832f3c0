// What failed exports left behind: removed a day later, when nothing can write to it any more.
#include "daemon/core/leftover.hpp"
#include "daemon/engine/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

namespace sb::engine {

using namespace core;

namespace {

/// The last job of ours that may have left a folder of that name.
std::map<std::string, Job> last_export_into_each(std::vector<Job> const& newest_first) {
    std::map<std::string, Job> last;
    for (auto const& job : newest_first)
        if (job.kind == JobKind::backup && !job.backup.empty()) last.try_emplace(job.backup, job);
    return last;
}

bool may_still_write(TaskReport const& task) { return task.state != TaskState::complete && task.state != TaskState::error; }

}  // namespace

task<void> Scheduler::remove_leftovers(Run& run) {
    constexpr std::size_t far_enough = 2000;
    auto const jobs = co_await world_.journal.recent(far_enough);
    if (!jobs) co_return;
    std::optional<Result<std::vector<TaskReport>>> tasks;
    for (auto const& [folder, job] : last_export_into_each(*jobs)) {
        Leftover leftover;
        // Without a POST there is no folder of ours.
        leftover.of_a_failed_job_of_ours = job.outcome != Outcome::succeeded && job.posted && job.finished;
        leftover.last_change = job.finished.value_or(world_.time.now());
        if (!is_removable_leftover(leftover, world_.time.now())) continue;  // before anybody is asked
        auto const there = co_await world_.catalog.exists(folder);
        if (!there || !*there) continue;
        if (!tasks) tasks = co_await world_.engine.list_tasks();
        leftover.task_may_write = !*tasks || std::ranges::any_of(**tasks, [&](TaskReport const& task) {
            return task.object_uuid == job.vm.text() && may_still_write(task);
        });
        auto const backup = co_await world_.catalog.find(folder);
        leftover.has_manifest = backup && backup->manifest;
        leftover.has_unfinished_job = std::ranges::any_of(world_.engine.unfinished_jobs(),
                                                          [&](Job const& other) { return other.backup == folder; });
        auto const reason = judge_leftover(leftover, world_.time.now());
        spdlog::info("folder '{}' of failed job {} is {}", folder, job.id, explain(reason));
        if (reason != LeftoverReason::removable) continue;
        // Refuses a folder with a manifest once more.
        auto const gone = co_await world_.catalog.discard(folder);
        if (!gone) run.problems.push_back("removing what a failed export left in '" + folder + "': " + gone.error().context);
    }
}

}  // namespace sb::engine
