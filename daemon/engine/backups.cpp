// The engine's view of the backups: those of the catalog, and those that unfinished jobs are writing.
#include "daemon/core/landing.hpp"
#include "daemon/engine/engine.hpp"

#include <algorithm>

namespace sb::engine {

using namespace core;

namespace {

/// Before, there is no folder; afterwards, the catalog has it.
bool is_writing(Job const& job) {
    return job.kind == JobKind::backup && job.posted && job.phase != Phase::finished && folder_of(job) != job.backup;
}

}  // namespace

std::string why_not_named(Job const& job) {
    if (job.phase != Phase::committing || !job.error) return {};
    return "its export is complete, but its folder cannot be renamed to '" + job.backup +
           "' yet: " + job.error->context;
}

/// Finds the VMs of folders with unreadable manifests: the job that wrote a folder is more reliable than its
/// definition.
task<void> Engine::presume_vms(std::vector<Backup>& backups) {
    auto const is_unreadable = [](Backup const& backup) {
        return backup.state == BackupState::damaged && !backup.manifest;
    };
    if (std::ranges::none_of(backups, is_unreadable)) co_return;
    auto const newest_first = co_await ports_.journal.recent(ports::journal_depth);
    if (!newest_first) co_return;
    for (auto& backup : backups) {
        if (!is_unreadable(backup)) continue;
        auto const writer = std::ranges::find_if(*newest_first, [&](Job const& job) {
            return job.kind == JobKind::backup && job.outcome == Outcome::succeeded && job.backup == backup.name;
        });
        if (writer != newest_first->end() && !writer->vm.empty()) backup.presumed_vm = writer->vm;
    }
}

task<Backup> Engine::unfinished_backup(Job job) {
    Backup backup;
    backup.name = job.backup;
    backup.folder = folder_of(job);
    backup.state = BackupState::exporting;
    backup.problem = "job " + std::to_string(job.id) + " is writing it";
    if (auto const why = why_not_named(job); !why.empty())
        backup.problem = "job " + std::to_string(job.id) + ": " + why;
    auto const stats = co_await ports_.catalog.folder_stats(backup.folder);
    if (stats) backup.size_bytes = stats->bytes;
    co_return backup;
}

task<Result<std::vector<Backup>>> Engine::list_backups() {
    auto backups = co_await ports_.catalog.list();
    if (!backups) co_return backups;
    co_await presume_vms(*backups);
    auto const jobs = unfinished_jobs();
    for (auto const& job : jobs) {
        if (job.kind == JobKind::backup && job.attempt.empty())  // of an earlier version: the catalog has its folder
            for (auto& backup : *backups) {
                if (backup.name != job.backup || backup.manifest) continue;
                backup.state = BackupState::exporting;
                backup.problem = "job " + std::to_string(job.id) + " is writing it";
            }
        if (!is_writing(job)) continue;
        // It has its name, and the job is about to note that.
        bool const is_listed = std::ranges::any_of(
            *backups, [&](Backup const& backup) { return backup.manifest && backup.manifest->attempt == job.attempt; });
        if (is_listed) continue;
        auto unfinished = co_await unfinished_backup(job);
        backups->push_back(std::move(unfinished));
    }
    std::ranges::stable_sort(*backups, {}, &Backup::name);
    co_return backups;
}

task<Result<std::string>> Engine::backup_name(std::string name_or_folder) {
    auto const attempt = attempt_of(name_or_folder);
    if (attempt.empty()) co_return name_or_folder;
    auto const jobs = co_await list_jobs(ports::journal_depth);
    if (!jobs) co_return while_doing(jobs.error(), "looking for the export into '" + name_or_folder + "'");
    auto const job = std::ranges::find(*jobs, attempt, &Job::attempt);
    if (job == jobs->end()) co_return name_or_folder;  // there is no such backup
    if (folder_of(*job) == job->backup) co_return job->backup;
    auto const which = "the export of job " + std::to_string(job->id) + " into '" + name_or_folder + "'";
    if (job->phase != Phase::finished) co_return Error{Errc::refused, which + " is not finished"};
    co_return Error{Errc::refused, which + " did not become a backup: " + std::string(name_of(job->outcome))};
}

bool Engine::is_held_up(JobId id) const {
    constexpr auto too_long = std::chrono::minutes(10);
    auto const it = live_.find(id);
    if (it == live_.end() || it->second->job.phase != Phase::committing || !it->second->commit_refused) return false;
    return ports_.time.steady_now() - *it->second->commit_refused >= too_long;
}

/// The job of a recorded condition may be gone with a lost journal.
void Engine::forget_old_commits() {
    for (auto const& condition : conditions_.all()) {
        if (condition.kind != ConditionKind::commit_waiting) continue;
        bool const still_waits = std::ranges::any_of(live_, [&](auto const& entry) {
            return entry.second->job.phase == Phase::committing && entry.second->job.backup == condition.subject;
        });
        if (!still_waits) conditions_.clear(condition.kind, condition.subject);
    }
}

}  // namespace sb::engine
