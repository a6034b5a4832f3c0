#include "daemon/engine/leftovers.hpp"

#include "common/text/case_key.hpp"
#include "daemon/core/export_manifest.hpp"
#include "daemon/core/verification.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;

namespace {

/// Only contradictions in the files themselves mean broken; a read error says nothing about them.
Leftover::Content content_of(Result<std::vector<BackupFile>> const& inspected) {
    if (inspected) return Leftover::Content::whole;
    auto const code = inspected.error().code;
    return code == Errc::incomplete_backup || code == Errc::damaged_backup ? Leftover::Content::broken
                                                                           : Leftover::Content::none;
}

Leftover leftover_of(Job const& job) {
    Leftover folder;
    folder.from_unsuccessful_job = true;
    folder.is_worthless = is_worthless_export(job);
    folder.end = job.end;
    folder.job_ended = *job.finished;
    return folder;
}

}  // namespace

task<bool> Leftovers::task_may_write(Job job) {
    if (!tasks_) tasks_ = co_await dependencies_.engine.list_tasks();
    co_return !*tasks_ ||
        std::ranges::any_of(**tasks_, [&](TaskReport const& task) { return may_write_into(job, task); });
}

/// A second export that was ordered with the same name gets it.
bool Leftovers::uses_its_name(Job const& job) const {
    return std::ranges::any_of(dependencies_.engine.unfinished_jobs(),
                               [&](Job const& other) { return case_key(other.backup) == case_key(job.backup); });
}

task<std::optional<Leftovers::Examined>> Leftovers::examine(Job job) {
    auto const landing = folder_of(job);
    Examined examined;
    auto& folder = examined.folder;
    folder = leftover_of(job);
    auto const stats = co_await dependencies_.catalog.folder_stats(landing);
    if (stats && !stats->exists) co_return std::nullopt;
    folder.unreadable = !stats;
    if (stats) folder.newest_change = stats->newest_change;
    auto const manifest = co_await dependencies_.catalog.find_manifest(landing, job.backup);
    if (!manifest) folder.unreadable = true;
    else folder.has_manifest = manifest->has_value();
    folder.task_may_write = co_await task_may_write(job);
    folder.has_unfinished_job = uses_its_name(job);
    // Last, since it reads files; and only if the files decide.
    if (evaluate_leftover(folder, dependencies_.time.now()) == LeftoverReason::not_inspected) {
        ports::Expectation expected{landing, job.definition_file, job.disks};
        auto const inspected = co_await dependencies_.catalog.inspect(std::move(expected));
        folder.content = content_of(inspected);
        if (inspected) examined.files = *inspected;
    }
    co_return examined;
}

task<Result<std::string>> Leftovers::rescue(Job job, Examined examined) {
    auto const landing = folder_of(job);
    if (!examined.folder.has_manifest) {
        InspectedExport inspected;
        inspected.files = std::move(examined.files);
        inspected.verified = with_verification(std::nullopt, Level::structure, dependencies_.time.now());
        inspected.cluster_host = job.cluster.host.empty() ? dependencies_.engine.cluster_host() : job.cluster.host;
        inspected.completed = *job.finished;
        inspected.program = "scale-backupd " SB_VERSION;
        auto manifest = export_manifest(job, std::move(inspected));
        auto const written = co_await dependencies_.catalog.write_manifest(landing, std::move(manifest));
        if (!written) co_return while_doing(written.error(), "writing the manifest");
    }
    co_return co_await dependencies_.catalog.commit(landing, job.backup);
}

task<void> Leftovers::execute(Job job, Examined examined, LeftoversResult& result) {
    auto const landing = folder_of(job);
    auto const reason = evaluate_leftover(examined.folder, dependencies_.time.now());
    auto const level = reason == LeftoverReason::may_be_a_backup ? spdlog::level::warn : spdlog::level::info;
    spdlog::log(level, "folder '{}' of {} job {} is {}", landing, name_of(job.outcome), job.id,
                explain(reason, job.backup));
    if (reason == LeftoverReason::removable) {
        // Refuses a folder with a manifest, once more.
        auto const discarded = co_await dependencies_.catalog.discard(landing);
        if (!discarded)
            result.problems.push_back("deleting the leftovers of an unsuccessful export in '" + landing +
                                      "': " + discarded.error().context);
    }
    if (reason != LeftoverReason::rescuable) co_return;
    auto const name = co_await rescue(job, std::move(examined));
    auto text = "the export of job " + std::to_string(job.id) + (job.outcome == Outcome::failed ? " " : " was ") +
                std::string(name_of(job.outcome));
    if (job.error) text += " (" + job.error->context + ")";
    if (name) text += ", but it is complete: it is now backup '" + *name + "'";
    else text += "; it is complete, but could not be made a backup: " + name.error().context;
    spdlog::warn("{}", text);
    if (name) ++result.rescued;
    result.problems.push_back(std::move(text));
}

task<LeftoversResult> Leftovers::clean_up() {
    LeftoversResult result;
    tasks_.reset();
    auto const jobs = co_await dependencies_.journal.recent(ports::journal_depth);
    if (!jobs) co_return result;
    for (auto const& job : *jobs) {
        if (!may_have_left_a_folder(job)) continue;
        // Only its own cluster knows whether its task may still write.
        if (dependencies_.engine.identity().origin_of(job.cluster) == ClusterOrigin::other) continue;
        // Before the share or the cluster is asked.
        if (evaluate_leftover(leftover_of(job), dependencies_.time.now()) == LeftoverReason::too_young) continue;
        auto const examined = co_await examine(job);
        // By a wrong clock it may look a day old while it is being written.
        co_await dependencies_.clock.check();
        if (dependencies_.clock.in_doubt()) co_return result;
        if (examined) co_await execute(job, *examined, result);
    }
    co_return result;
}

}  // namespace sb::engine
