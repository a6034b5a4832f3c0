// The engine's view of the backups: those of the catalog, and those that unfinished jobs are writing.
#include "common/text/case_key.hpp"
#include "daemon/async/let_others_run.hpp"
#include "daemon/core/landing.hpp"
#include "daemon/core/recall.hpp"
#include "daemon/engine/engine.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

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
    // There may be thousands of both: any writer into the share can plant such folders.
    std::unordered_map<std::string, VmUuid> writers;
    for (auto const& job : *newest_first)
        if (job.kind == JobKind::backup && job.outcome == Outcome::succeeded) writers.try_emplace(job.backup, job.vm);
    for (auto& backup : backups) {
        if (!is_unreadable(backup)) continue;
        auto const writer = writers.find(backup.name);
        if (writer != writers.end() && !writer->second.empty()) backup.presumed_vm = writer->second;
    }
}

/// Folders that have not answered since the start: the journal knows whose backups they are.
task<Result<void>> Engine::recall_unanswered(std::vector<Backup>& backups) {
    if (std::ranges::none_of(backups, needs_recall)) co_return boost::system::in_place_value;
    auto const rows = co_await ports_.journal.trusted_copies();
    if (!rows) co_return while_doing(rows.error(), "reading which backups the journal knows");
    auto const newest_first = co_await ports_.journal.recent(ports::journal_depth);
    if (!newest_first) co_return while_doing(newest_first.error(), "reading the journal's jobs");
    recall(backups, *rows, *newest_first);
    co_return boost::system::in_place_value;
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
    why_not_listed_.clear();
    if (!backups) why_not_listed_ = backups.error().context;
    if (!backups) co_return backups;
    auto const jobs = unfinished_jobs();  // of the same moment
    co_await let_others_run();            // the journal's word on each of them has taken a while
    co_await presume_vms(*backups);
    // Without it a VM would be taken for one without a backup, and exported.
    auto const recalled = co_await recall_unanswered(*backups);
    if (!recalled) co_return recalled.error();
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
    // As a rule it is sorted, and moving ten thousand of them takes a while.
    if (!std::ranges::is_sorted(*backups, {}, &Backup::name)) std::ranges::stable_sort(*backups, {}, &Backup::name);
    co_return backups;
}

/// Why a backup with this name does not exist yet, although its export is complete; empty if no job waits for the name.
std::string Engine::why_not_there_yet(std::string const& name) const {
    for (auto const& [id, live] : live_) {
        auto const why = case_key(live->job.backup) == case_key(name) ? why_not_named(live->job) : std::string();
        if (!why.empty()) return "there is no backup '" + name + "' yet; job " + std::to_string(id) + ": " + why;
    }
    return {};
}

/// The name of the backup that an export has become after its job failed: a clean-up found it complete.
task<Result<std::string>> Engine::rescued_name(Job job, std::string folder) {
    auto const backups = co_await ports_.catalog.list();
    if (!backups) co_return backups.error();
    for (auto const& backup : *backups)
        if (backup.manifest && backup.manifest->attempt == job.attempt && backup.manifest->job == job.id)
            co_return backup.name;
    auto text = "the export of job " + std::to_string(job.id) + " into '" + folder +
                "' did not become a backup: " + std::string(name_of(job.outcome));
    if (job.error) text += ": " + job.error->context;
    if (job.outcome != Outcome::cancelled) text += ". Back the VM up again";
    co_return Error{Errc::refused, std::move(text)};
}

task<Result<std::string>> Engine::backup_name(std::string name_or_folder) {
    auto const attempt = attempt_of(name_or_folder);
    if (attempt.empty()) {
        auto why = why_not_there_yet(name_or_folder);
        if (why.empty()) co_return name_or_folder;
        auto const there = co_await ports_.catalog.find(name_or_folder);
        if (there) co_return name_or_folder;  // another one, which is why the job's gets a number
        co_return Error{Errc::refused, std::move(why)};
    }
    auto const jobs = co_await list_jobs(ports::journal_depth);
    if (!jobs) co_return while_doing(jobs.error(), "looking for the export into '" + name_or_folder + "'");
    auto const job = std::ranges::find(*jobs, attempt, &Job::attempt);
    if (job == jobs->end()) co_return name_or_folder;  // there is no such backup
    if (folder_of(*job) == job->backup) co_return job->backup;
    if (job->phase == Phase::finished) co_return co_await rescued_name(*job, std::move(name_or_folder));
    auto const which = "the export of job " + std::to_string(job->id) + " into '" + name_or_folder + "'";
    auto const why = why_not_named(*job);
    co_return Error{Errc::refused, which + (why.empty() ? " is not finished" : " is not a backup yet: " + why)};
}

bool Engine::is_held_up(JobId id) const {
    constexpr auto too_long = std::chrono::minutes(10);
    auto const it = live_.find(id);
    if (it == live_.end() || it->second->job.phase != Phase::committing || !it->second->commit_refused) return false;
    return ports_.time.steady_now() - *it->second->commit_refused >= too_long;
}

/// The job of a recorded condition may be gone with a lost journal. `others`: names that are waited for without a job.
void Engine::forget_old_commits(std::set<std::string> const& others) {
    for (auto const& condition : conditions_.all()) {
        if (condition.kind != ConditionKind::commit_waiting || others.contains(condition.subject)) continue;
        bool const still_waits = std::ranges::any_of(live_, [&](auto const& entry) {
            return entry.second->job.phase == Phase::committing && entry.second->job.backup == condition.subject;
        });
        if (!still_waits) conditions_.clear(condition.kind, condition.subject);
    }
}

}  // namespace sb::engine
