#include "daemon/engine/adoption.hpp"

#include "common/text/ascii.hpp"
#include "daemon/core/leftover.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

namespace sb::engine {

using namespace core;

namespace {

bool is_unfinished(TaskReport const& task) {
    return task.state != TaskState::complete && task.state != TaskState::error;
}

}  // namespace

task<Result<void>> Adopter::load_jobs() {
    // Hundreds of folders are inspected one after the other; the journal need not be read for each.
    constexpr auto good_for = std::chrono::seconds(10);
    auto const now = time_.steady_now();
    if (jobs_read_at_ && now - *jobs_read_at_ < good_for) co_return boost::system::in_place_value;
    auto const jobs = co_await engine_.list_jobs(ports::journal_depth);
    if (!jobs) co_return while_doing(jobs.error(), "reading the journal");
    failed_exports_.clear();
    renamed_exports_.clear();
    std::set<std::string> seen;
    for (auto const& job : *jobs) {
        if (may_have_left_a_folder(job) && job.outcome == Outcome::failed && is_worthless_export(job))
            renamed_exports_.push_back(job);
        if (job.kind != JobKind::backup || !seen.insert(job.backup).second) continue;
        // Where the outcome of the export is unknown, the files decide. A folder with the backup's name was written by
        // an earlier version, or is a landing folder that was renamed by hand.
        bool const failed = job.phase == Phase::finished && job.outcome == Outcome::failed;
        if (failed && (job.attempt.empty() || is_worthless_export(job))) failed_exports_[job.backup] = job.id;
    }
    jobs_read_at_ = now;
    co_return boost::system::in_place_value;
}

task<Result<AdoptionFacts>> Adopter::facts_about(OldFolder const& folder) {
    AdoptionFacts facts;
    auto const loaded = co_await load_jobs();
    if (!loaded) co_return loaded.error();
    facts.now = time_.now();
    if (auto const failed = failed_exports_.find(folder.name); failed != failed_exports_.end())
        facts.left_by_failed_job = failed->second;
    // Its definition has the ordered name, and its files the times of the export, whatever its folder is called now.
    auto const is_its_folder = [&](Job const& job) {
        return job.definition_file == folder.definition_file && equal_ignoring_case(job.vm.text(), folder.vm_uuid) &&
               *job.posted <= folder.last_change && folder.last_change <= *job.finished + late_write;
    };
    auto const renamed = std::ranges::find_if(renamed_exports_, is_its_folder);
    if (!facts.left_by_failed_job && renamed != renamed_exports_.end()) facts.left_by_failed_job = renamed->id;
    if (folder.last_change + recent_change > facts.now && folder.last_change + quiet_time <= facts.now) {
        auto const tasks = co_await engine_.list_tasks();
        facts.task_is_running.reset();
        if (tasks)
            facts.task_is_running = std::ranges::any_of(*tasks, [&](TaskReport const& task) {
                bool const same_vm = folder.vm_uuid.empty() || equal_ignoring_case(task.object_uuid, folder.vm_uuid);
                return same_vm && is_unfinished(task);
            });
    }
    auto const jobs = engine_.unfinished_jobs();
    facts.used_by_a_job = std::ranges::any_of(jobs, [&](Job const& job) { return folder_of(job) == folder.name; });
    co_return facts;
}

task<Result<InspectedFolder>> Adopter::inspect(std::string name) {
    auto const folder = co_await folders_.inspect(std::move(name));
    if (!folder) co_return folder.error();
    auto const facts = co_await facts_about(*folder);
    if (!facts) co_return facts.error();
    InspectedFolder inspected;
    inspected.adoption = evaluate_adoption(*folder, *facts, zone_);
    inspected.adoption.manifest.program = "scale-backupd " SB_VERSION;
    inspected.size_bytes = folder->size_bytes;
    if (folder->has_manifest) co_await look_for_claim(inspected);
    cache(inspected);
    co_return inspected;
}

task<Result<std::vector<std::string>>> Adopter::list() {
    auto names = co_await folders_.list();
    if (!names) co_return names;
    auto const backups = co_await catalog_.list();
    if (!backups) co_return backups.error();
    for (auto const& backup : *backups)
        if (backup.is_claim && backup.state == BackupState::complete) names->push_back(backup.name);
    std::ranges::sort(*names);
    co_return names;
}

/// A backup that was brought back, or that another installation made: only its record is missing. Or it was only
/// checked after the journal was lost, and an administrator says that it is no planted one.
task<void> Adopter::look_for_claim(InspectedFolder& inspected) {
    auto& adoption = inspected.adoption;
    auto const backup = co_await catalog_.find(adoption.manifest.backup);
    if (!backup || backup->state != BackupState::complete) co_return;
    if (!backup->is_claim && !backup->is_only_checked) co_return;
    inspected.is_claim = true;
    inspected.size_bytes = backup->size_bytes;
    adoption.manifest = *backup->manifest;
    adoption.verdict = AdoptionVerdict::adoptable;
    adoption.reason.clear();
    char const* note = "it has a manifest, which the journal does not know; its files are checked";
    if (!backup->is_claim) note = "it was only checked after the journal was lost; it is checked again";
    adoption.notes.emplace_back(note);
}

void Adopter::cache(InspectedFolder const& inspected) {
    auto const& manifest = inspected.adoption.manifest;
    adoptable_.erase(manifest.backup);
    if (inspected.adoption.verdict != AdoptionVerdict::adoptable) return;
    Backup const backup{.name = manifest.backup,
                        .folder = manifest.backup,
                        .state = BackupState::complete,
                        .manifest = manifest,
                        .size_bytes = inspected.size_bytes};
    adoptable_.emplace(manifest.backup, stored_of(backup));
}

std::vector<Stored> Adopter::adoptable(std::vector<std::string> const& names) const {
    std::vector<Stored> found;
    if (names.empty())
        for (auto const& [name, stored] : adoptable_) found.push_back(stored);
    for (auto const& name : names)
        if (auto const known = adoptable_.find(name); known != adoptable_.end()) found.push_back(known->second);
    return found;
}

task<Result<void>> Adopter::write_manifest(InspectedFolder& inspected, bool is_protected) {
    auto const name = inspected.adoption.manifest.backup;
    if (inspected.is_claim) {
        if (!is_protected) co_return boost::system::in_place_value;
        auto const noted = co_await catalog_.set_protected(name, true);
        if (!noted) co_return while_doing(noted.error(), "protecting '" + name + "'");
        co_return boost::system::in_place_value;
    }
    inspected.adoption.manifest.is_protected = is_protected;
    auto manifest = inspected.adoption.manifest;
    auto const written = co_await catalog_.write_manifest(name, std::move(manifest));
    if (!written) co_return while_doing(written.error(), "writing the manifest of '" + name + "'");
    co_return boost::system::in_place_value;
}

task<Result<InspectedFolder>> Adopter::adopt(std::string name, bool is_protected) {
    auto inspected = co_await inspect(std::move(name));
    if (!inspected || inspected->adoption.verdict != AdoptionVerdict::adoptable) co_return inspected;
    auto& adoption = inspected->adoption;
    auto const backup = adoption.manifest.backup;
    auto const written = co_await write_manifest(*inspected, is_protected);
    if (!written) co_return written.error();
    adoptable_.erase(backup);
    if (trust_) {
        auto trusted = co_await trust_(backup);
        if (!trusted) co_return trusted.error();
    }
    adoption.verdict = AdoptionVerdict::adopted;
    adoption.reason = inspected->is_claim ? "the journal knows it now" : "a manifest was written";
    if (is_protected) adoption.reason += "; protected";
    spdlog::info("folder '{}' was adopted as a backup of {} ({}){}", backup, adoption.manifest.vm_name,
                 adoption.manifest.vm_uuid.text(), is_protected ? ", protected" : "");
    co_return inspected;
}

}  // namespace sb::engine
