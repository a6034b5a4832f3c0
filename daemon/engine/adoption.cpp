#include "daemon/engine/adoption.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

namespace sb::engine {

using namespace core;

namespace {

bool is_under_way(TaskReport const& task) {
    return task.state != TaskState::complete && task.state != TaskState::error;
}

bool equal_ignoring_case(std::string const& a, std::string const& b) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

task<Result<void>> Adopter::remember_jobs() {
    // Hundreds of folders are looked at one after the other; the journal need not be read for each.
    constexpr auto good_for = std::chrono::seconds(10);
    constexpr std::size_t far_enough = 2000;
    auto const now = time_.steady_now();
    if (jobs_read_at_ && now - *jobs_read_at_ < good_for) co_return boost::system::in_place_value;
    auto const jobs = co_await engine_.list_jobs(far_enough);
    if (!jobs) co_return while_doing(jobs.error(), "reading the journal");
    failed_exports_.clear();
    std::set<std::string> seen;
    for (auto const& job : *jobs) {
        if (job.kind != JobKind::backup || !seen.insert(job.backup).second) continue;
        // Of a lost one nobody knows how it ended: there the files decide.
        if (job.phase == Phase::finished && job.outcome == Outcome::failed) failed_exports_[job.backup] = job.id;
    }
    jobs_read_at_ = now;
    co_return boost::system::in_place_value;
}

task<Result<AdoptionFacts>> Adopter::facts_about(OldFolder const& folder) {
    AdoptionFacts facts;
    auto const remembered = co_await remember_jobs();
    if (!remembered) co_return remembered.error();
    facts.now = time_.now();
    if (auto const failed = failed_exports_.find(folder.name); failed != failed_exports_.end())
        facts.left_by_failed_job = failed->second;
    if (folder.last_change + recent_change > facts.now && folder.last_change + quiet_time <= facts.now) {
        auto const tasks = co_await engine_.list_tasks();
        facts.task_is_running.reset();
        if (tasks)
            facts.task_is_running = std::ranges::any_of(*tasks, [&](TaskReport const& task) {
                bool const of_this_vm = folder.vm_uuid.empty() || equal_ignoring_case(task.object_uuid, folder.vm_uuid);
                return of_this_vm && is_under_way(task);
            });
    }
    auto const jobs = engine_.unfinished_jobs();
    facts.used_by_a_job = std::ranges::any_of(jobs, [&](Job const& job) { return job.backup == folder.name; });
    co_return facts;
}

task<Result<LookedAt>> Adopter::look(std::string name) {
    auto const folder = co_await folders_.inspect(std::move(name));
    if (!folder) co_return folder.error();
    auto const facts = co_await facts_about(*folder);
    if (!facts) co_return facts.error();
    LookedAt looked;
    looked.adoption = judge_adoption(*folder, *facts, zone_);
    looked.adoption.manifest.program = "scale-backupd " SB_VERSION;
    looked.size_bytes = folder->size_bytes;
    remember(looked);
    co_return looked;
}

void Adopter::remember(LookedAt const& looked) {
    auto const& manifest = looked.adoption.manifest;
    adoptable_.erase(manifest.backup);
    if (looked.adoption.verdict != AdoptionVerdict::adoptable) return;
    Backup const backup{
        .name = manifest.backup, .state = BackupState::complete, .manifest = manifest, .size_bytes = looked.size_bytes};
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

task<Result<LookedAt>> Adopter::adopt(std::string name, bool is_protected) {
    auto looked = co_await look(std::move(name));
    if (!looked || looked->adoption.verdict != AdoptionVerdict::adoptable) co_return looked;
    auto& adoption = looked->adoption;
    adoption.manifest.is_protected = is_protected;
    auto manifest = adoption.manifest;
    auto const written = co_await catalog_.commit(std::move(manifest));
    if (!written) co_return while_doing(written.error(), "writing the manifest of '" + adoption.manifest.backup + "'");
    adoptable_.erase(adoption.manifest.backup);
    adoption.verdict = AdoptionVerdict::adopted;
    adoption.reason = is_protected ? "a manifest was written; protected" : "a manifest was written";
    spdlog::info("folder '{}' was adopted as a backup of {} ({}){}", adoption.manifest.backup,
                 adoption.manifest.vm_name, adoption.manifest.vm_uuid.text(), is_protected ? ", protected" : "");
    co_return looked;
}

}  // namespace sb::engine
