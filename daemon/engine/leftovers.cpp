// What failed exports left behind: deleted a day later, when nothing can write to it.
#include "daemon/core/leftover.hpp"
#include "daemon/engine/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

namespace sb::engine {

using namespace core;

namespace {

/// The last job that may have left each folder.
std::map<std::string, Job> last_export_into_each(std::vector<Job> const& newest_first) {
    std::map<std::string, Job> last;
    for (auto const& job : newest_first)
        if (job.kind == JobKind::backup && !job.backup.empty()) last.try_emplace(job.backup, job);
    return last;
}

/// Only contradictions in the files themselves mean broken; a read error says nothing about them.
Leftover::Content content_of(Result<std::vector<BackupFile>> const& examined) {
    if (examined) return Leftover::Content::whole;
    auto const code = examined.error().code;
    return code == Errc::incomplete_backup || code == Errc::damaged_backup ? Leftover::Content::broken
                                                                           : Leftover::Content::none;
}

}  // namespace

task<void> Scheduler::remove_leftovers(Run& run) {
    auto const jobs = co_await dependencies_.journal.recent(ports::journal_depth);
    if (!jobs) co_return;
    std::optional<Result<std::vector<TaskReport>>> tasks;
    for (auto const& [folder, job] : last_export_into_each(*jobs)) {
        Leftover leftover;
        // Without a POST the job has no folder.
        leftover.from_failed_job = job.outcome != Outcome::succeeded && job.posted && job.finished;
        leftover.job_ended = job.finished.value_or(dependencies_.time.now());
        if (!is_removable_leftover(leftover, dependencies_.time.now()))
            continue;  // before the share or the cluster is asked
        auto name = folder;
        auto const stats = co_await dependencies_.catalog.folder_stats(std::move(name));
        if (stats && !stats->exists) continue;
        leftover.unreadable = !stats;
        if (stats) leftover.newest_change = stats->newest_change;
        leftover.end_is_unknown = job.outcome == Outcome::lost;
        if (!tasks) tasks = co_await dependencies_.engine.list_tasks();
        leftover.task_may_write =
            !*tasks || std::ranges::any_of(**tasks, [&](TaskReport const& task) { return may_write_into(job, task); });
        auto const backup = co_await dependencies_.catalog.find(folder);
        leftover.has_manifest = backup && backup->manifest;
        leftover.has_unfinished_job = std::ranges::any_of(dependencies_.engine.unfinished_jobs(),
                                                          [&](Job const& other) { return other.backup == folder; });
        // Last, since it reads files; and only if the files decide.
        if (evaluate_leftover(leftover, dependencies_.time.now()) == LeftoverReason::not_inspected) {
            ports::Expectation expected{folder, job.definition_file, job.disks};
            auto const examined = co_await dependencies_.catalog.inspect(std::move(expected));
            leftover.content = content_of(examined);
        }
        auto const reason = evaluate_leftover(leftover, dependencies_.time.now());
        auto const level = reason == LeftoverReason::may_be_a_backup ? spdlog::level::warn : spdlog::level::info;
        spdlog::log(level, "folder '{}' of {} job {} is {}", folder, name_of(job.outcome), job.id, explain(reason));
        if (reason != LeftoverReason::removable) continue;
        // Refuses a folder with a manifest, once more.
        auto const discarded = co_await dependencies_.catalog.discard(folder);
        if (!discarded)
            run.problems.push_back("deleting the leftovers of a failed export in '" + folder +
                                   "': " + discarded.error().context);
    }
}

}  // namespace sb::engine
