#include "daemon/engine/leftovers.hpp"

#include "common/text/case_key.hpp"
#include "common/text/whole_number.hpp"
#include "daemon/core/export_manifest.hpp"
#include "daemon/core/verification.hpp"
#include "daemon/engine/rescued_export.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;

namespace {

/// Only contradictions in the files themselves mean broken; a read error says nothing about them.
bool says_broken(Error const& error) {
    return error.code == Errc::incomplete_backup || error.code == Errc::damaged_backup;
}

Leftover::Content content_of(Result<std::vector<BackupFile>> const& inspected) {
    if (inspected) return Leftover::Content::whole;
    return says_broken(inspected.error()) ? Leftover::Content::broken : Leftover::Content::none;
}

/// "the export of job 17 failed (the disk is full)".
std::string outcome_text(Job const& job) {
    auto text = "the export of job " + std::to_string(job.id) + (job.outcome == Outcome::failed ? " " : " was ") +
                std::string(name_of(job.outcome));
    if (job.error) text += " (" + job.error->context + ")";
    return text;
}

/// The job whose export is being made a backup. A rescue that is interrupted after the rename must be reported too.
constexpr auto rescue_fact = "rescue";

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
    if (stats) folder.folder_changed = stats->folder_changed;
    if (stats) folder.foreign_entry = stats->foreign_entry;
    auto const manifest = co_await dependencies_.catalog.find_manifest(landing, job.backup);
    if (!manifest && says_broken(manifest.error())) folder.spoiled = manifest.error().context;
    else if (!manifest) folder.unreadable = true;
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

task<void> Leftovers::remove(Job job, std::string why, LeftoversResult& result) {
    auto const landing = folder_of(job);
    auto const what =
        "folder '" + landing + "' of " + std::string(name_of(job.outcome)) + " job " + std::to_string(job.id);
    // Refuses a folder with a manifest, once more.
    auto const discarded = co_await dependencies_.catalog.discard(landing);
    if (!discarded) {
        result.problems.push_back("deleting the leftovers of an unsuccessful export in '" + landing +
                                  "': " + discarded.error().context);
        spdlog::error("{}", result.problems.back());
        co_return;
    }
    spdlog::info("{} is {}", what, why);
    if (discarded->remains.empty()) co_return;
    result.problems.push_back(what + " is deleted, but not all of it: " + discarded->remains);
    spdlog::warn("{}", result.problems.back());
}

void Leftovers::report_rescue(Job const& job, Result<std::string> const& name, LeftoversResult& result) {
    auto text = outcome_text(job);
    if (name) text += ", but it is complete: it is now backup '" + *name + "'";
    else text += "; it is complete, but could not be made a backup: " + name.error().context;
    spdlog::warn("{}", text);
    if (name) ++result.rescued;
    result.problems.push_back(std::move(text));
}

task<void> Leftovers::vouch_for(JobId job, std::string name) {
    auto fact = rescued_fact(job);
    auto text = name;
    auto const noted = co_await dependencies_.journal.set_fact(std::move(fact), std::move(text));
    if (!noted) spdlog::warn("backup '{}' counts only once it is adopted: {}", name, noted.error().context);
}

task<void> Leftovers::execute(Job job, Examined examined, LeftoversResult& result) {
    auto const landing = folder_of(job);
    auto const reason = evaluate_leftover(examined.folder, dependencies_.time.now());
    auto why = explain(reason, examined.folder, job.backup);
    if (reason == LeftoverReason::removable) co_return co_await remove(job, std::move(why), result);
    bool const asks_for_help = reason == LeftoverReason::may_be_a_backup || reason == LeftoverReason::spoiled ||
                               reason == LeftoverReason::holds_other_files;
    spdlog::log(asks_for_help ? spdlog::level::warn : spdlog::level::info, "folder '{}' of {} job {} is {}", landing,
                name_of(job.outcome), job.id, why);
    if (reason != LeftoverReason::rescuable) co_return;
    auto id = std::to_string(job.id);
    // Without this record an interruption costs a report, not a backup.
    co_await dependencies_.journal.set_fact(rescue_fact, std::move(id));
    bool const is_inspected = !examined.folder.has_manifest;  // else a manifest that anyone may have written says so
    auto const name = co_await rescue(job, std::move(examined));
    report_rescue(job, name, result);
    if (name && is_inspected) co_await vouch_for(job.id, *name);
    co_await dependencies_.journal.set_fact(rescue_fact, std::string());
}

/// Its folder has its name, but neither the log nor a run says so.
task<void> Leftovers::report_interrupted_rescue(LeftoversResult& result) {
    auto const noted = co_await dependencies_.journal.fact(rescue_fact);
    if (!noted || !*noted || (*noted)->empty()) co_return;
    auto const id = whole_number<JobId>(**noted);
    if (!id) co_return;
    auto const job = co_await dependencies_.journal.find(*id);
    if (!job || !may_have_left_a_folder(*job)) co_return;
    auto const stats = co_await dependencies_.catalog.folder_stats(folder_of(*job));
    if (!stats || stats->exists) co_return;  // it is rescued again
    auto const manifest = co_await dependencies_.catalog.find_manifest(folder_of(*job), job->backup);
    if (manifest && *manifest) {
        Result<std::string> const name = (*manifest)->backup;
        report_rescue(*job, name, result);
    }
    if (manifest) co_await dependencies_.journal.set_fact(rescue_fact, std::string());
}

task<LeftoversResult> Leftovers::clean_up() {
    LeftoversResult result;
    tasks_.reset();
    auto const jobs = co_await dependencies_.journal.recent(ports::journal_depth);
    if (!jobs) co_return result;
    co_await report_interrupted_rescue(result);
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
        auto const on_hold = co_await dependencies_.engine.gate().objection_to_deleting();
        if (!on_hold.empty()) co_return result;
        if (examined) co_await execute(job, *examined, result);
    }
    co_return result;
}

}  // namespace sb::engine
