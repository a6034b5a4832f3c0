#include "daemon/engine/schedule_snapshot.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace sb::engine {

using namespace core;

ForecastFacts forecast_facts(GatheredFacts gathered) {
    ForecastFacts facts;
    facts.schedule = std::move(gathered.snapshot.facts);
    facts.settings = gathered.settings;
    facts.in_progress = std::move(gathered.snapshot.in_progress);
    facts.retention = std::move(gathered.snapshot.retention);
    facts.policy = gathered.policy;
    facts.free_bytes = gathered.snapshot.free_bytes;
    return facts;
}

void SnapshotTaker::note(Job const& job) {
    history_.note(job);
    if (job.phase == Phase::finished) folders_changed();
}

task<Result<void>> SnapshotTaker::read_folders() {
    // Folders may be added or removed manually; our own changes are reported by folders_changed().
    constexpr auto good_for = std::chrono::minutes(5);
    for (;;) {
        auto const now = time_.steady_now();
        bool const known = changes_seen_ == folder_changes_ && now - folders_read_at_ < good_for;
        if (known) co_return boost::system::in_place_value;
        auto const changes = folder_changes_;
        auto backups = co_await engine_.list_backups();
        if (!backups) co_return backups.error();
        // A reading that started after this one may already have finished.
        if (changes < changes_seen_) continue;
        backups_ = std::move(*backups);
        changes_seen_ = changes;
        folders_read_at_ = now;
        // A change during the reading may be missing: a VM that has just been backed up would be backed up again.
        if (folder_changes_ == changes) co_return boost::system::in_place_value;
    }
}

void SnapshotTaker::note_vms(std::unordered_set<VmUuid> const& existing, UtcTime now) {
    for (auto const& vm : existing) first_seen_.try_emplace(vm, now);
    // Where VMs are created and deleted every day, they must not accumulate over years.
    auto const max_vms = 2 * existing.size() + 1000;
    if (first_seen_.size() > max_vms)
        std::erase_if(first_seen_, [&](auto const& entry) { return !existing.contains(entry.first); });
    history_.forget_others(existing, max_vms);
}

/// Sets which VMs exist for retention: all that do not count as deleted. An empty list is ignored.
void SnapshotTaker::note_missing_vms(RetentionFacts& retention, Facts const& facts, bool list_is_complete) {
    std::unordered_set<VmUuid> seen;
    for (auto const& vm : facts.vms) seen.insert(vm.uuid);
    if (!list_is_complete || seen.empty()) return missing_vms_.note_present(seen);
    std::unordered_set<VmUuid> with_copies;
    for (auto const& backup : retention.backups)
        if (!backup.vm.empty() && backup.origin == ClusterOrigin::same) with_copies.insert(backup.vm);
    missing_vms_.note_complete_list(seen, with_copies, facts.now, clock_.in_doubt());
    for (auto const& vm : with_copies)
        if (!missing_vms_.is_gone(vm, facts.now)) seen.insert(vm);
    retention.existing = std::move(seen);
}

task<Result<ScheduleSnapshot>> SnapshotTaker::take(UtcTime opening, Milliseconds vm_age) {
    auto vms = co_await engine_.list_vms(vm_age);
    co_await engine_.identity().check();
    std::string hold;
    if (vms) hold = co_await engine_.gate().objection();
    auto const space = co_await catalog_.space();
    auto const storage = co_await engine_.check_storage();
    co_await clock_.check();
    // Last, with no wait after it: the folders and the unfinished jobs must be of the same moment.
    auto const read = co_await read_folders();
    if (!read) co_return while_doing(read.error(), "reading the backups");

    ScheduleSnapshot snapshot;
    auto& facts = snapshot.facts;
    clock_.observe();  // reading the folders may have taken long
    facts.now = time_.now();
    facts.vms_known = vms.has_value();
    bool const list_is_complete = vms && vms->complete;
    if (vms) {
        facts.vms = std::move(*vms);
        std::unordered_set<VmUuid> seen;
        for (auto const& vm : facts.vms) seen.insert(vm.uuid);
        note_vms(seen, facts.now);
    } else {
        snapshot.cluster_error = vms.error();
    }
    facts.hold = std::move(hold);
    auto const present = engine_.identity().present();
    std::map<VmUuid, std::pair<UtcTime, std::uint64_t>> newest_copies;
    for (auto const& backup : backups_) {
        auto const stored = stored_of(backup, present);
        bool const counts = stored.state == BackupState::complete && stored.origin == ClusterOrigin::same;
        if (counts) {
            auto& newest = newest_copies[stored.vm];
            if (newest.first <= stored.started) newest = {stored.started, stored.size_bytes};
        }
        if (counts && stored.scheduled) facts.copies.push_back({stored.vm, stored.started});
        snapshot.retention.backups.push_back(stored);
    }
    if (facts.vms_known) note_missing_vms(snapshot.retention, facts, list_is_complete);
    facts.failures = history_.failures_since(opening);
    facts.usual_durations = history_.usual_durations();
    facts.first_seen = first_seen_;
    snapshot.retention.now = facts.now;
    snapshot.retention.clock_doubt = clock_.doubt();
    for (auto const& job : engine_.unfinished_jobs()) {
        snapshot.in_progress.push_back(job.kind == JobKind::backup ? job.vm : VmUuid{});
        if (auto const why = why_not_named(job); !why.empty())
            facts.unnamed[job.vm] = "job " + std::to_string(job.id) + " has not finished: " + why;
        // A job that only inspects its files and writes its manifest is still unfinished, but its slot is free.
        if (job.phase != Phase::queued && !holds_slot(job)) ++snapshot.slotless;
    }
    for (auto const& [vm, copy] : newest_copies) facts.last_sizes[vm] = copy.second;
    if (space) facts.space = engine_.storage_space(*space);
    if (!storage) facts.storage_problem = snapshot.retention.storage_problem = storage.error().context;
    snapshot.free_bytes = space ? space->free_bytes : 0;
    co_return snapshot;
}

}  // namespace sb::engine
