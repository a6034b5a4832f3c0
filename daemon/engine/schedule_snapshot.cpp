#include "daemon/engine/schedule_snapshot.hpp"

#include <algorithm>
#include <map>
#include <set>
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
        auto const now = dependencies_.time.steady_now();
        bool const known = changes_seen_ == folder_changes_ && now - folders_read_at_ < good_for;
        if (known) co_return boost::system::in_place_value;
        auto const changes = folder_changes_;
        auto backups = co_await dependencies_.engine.list_backups();
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
    missing_vms_.note_complete_list(seen, with_copies, facts.now, dependencies_.clock.in_doubt());
    for (auto const& vm : with_copies)
        if (!missing_vms_.is_gone(vm, facts.now)) seen.insert(vm);
    retention.existing = std::move(seen);
}

/// An update of the cluster, another installation, or exports that would all fail.
task<std::string> SnapshotTaker::why_no_orders(bool cluster_answers) {
    std::string why;
    if (cluster_answers) why = co_await dependencies_.engine.gate().objection();
    if (why.empty()) why = dependencies_.engine.why_no_exports();
    if (why.empty()) why = co_await dependencies_.guard.objection();
    co_return why;
}

void SnapshotTaker::add_copies(ScheduleSnapshot& snapshot) {
    auto const present = dependencies_.engine.identity().present();
    std::map<VmUuid, std::pair<UtcTime, std::uint64_t>> newest_copies;
    for (auto const& backup : backups_) {
        auto stored = stored_of(backup, present);
        stored.unreadable = !dependencies_.evidence.why_unreadable(stored.name).empty();
        bool const counts = stored.state == BackupState::complete && stored.origin == ClusterOrigin::same;
        if (counts) {
            auto& newest = newest_copies[stored.vm];
            if (newest.first <= stored.started) newest = {stored.started, stored.size_bytes};
        }
        if (counts && stored.scheduled) snapshot.facts.copies.push_back({stored.vm, stored.started, stored.end_known});
        snapshot.retention.backups.push_back(std::move(stored));
    }
    for (auto const& [vm, copy] : newest_copies) snapshot.facts.last_sizes[vm] = copy.second;
}

void SnapshotTaker::add_moved(ScheduleSnapshot& snapshot, UtcTime since, Timing const& timing) {
    auto kept = snapshot.retention.backups;
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i].state = state_after_export(backups_[i]);
    auto const successes = history_.successes();
    auto& facts = snapshot.facts;
    auto const moved = moved_backups(successes, kept, since, facts.now, timing, dependencies_.zone);
    for (auto const& backup : moved) facts.copies.push_back({backup.vm, backup.started, true});
    auto const damaged = damaged_exports(successes, kept);
    for (auto const& exported : damaged) {
        if (retry_at(exported.failures) <= facts.now) continue;
        auto& failures = facts.failures[exported.vm];
        failures.count += exported.failures.count;
        if (failures.last > exported.failures.last) continue;
        failures.last = exported.failures.last;
        failures.reason = exported.failures.reason;
    }
    dependencies_.moved.report(moved, damaged);
}

/// Retention refuses because of them, and would do so silently.
void SnapshotTaker::note_damage(RetentionFacts const& retention) {
    auto& conditions = dependencies_.conditions;
    std::set<std::string> damaged;
    for (auto const& stored : retention.backups) {
        if (stored.state != BackupState::damaged || stored.origin == ClusterOrigin::other) continue;
        damaged.insert(stored.name);
        conditions.raise(ConditionKind::copy_damaged,
                         "backup '" + stored.name + "'" +
                             (stored.vm_name.empty() ? std::string() : " of VM " + stored.vm_name) + " is damaged",
                         stored.name);
    }
    for (auto const& condition : conditions.all())
        if (condition.kind == ConditionKind::copy_damaged && !damaged.contains(condition.subject))
            conditions.clear(ConditionKind::copy_damaged, condition.subject);
}

void SnapshotTaker::note_unknown_ends(RetentionFacts const& retention) {
    auto& conditions = dependencies_.conditions;
    auto const names = newest_without_known_end(retention.backups, retention.now);
    for (auto const& name : names)
        conditions.raise(
            ConditionKind::export_end_not_seen,
            "no task of the cluster reported the end of the export of backup '" + name + "'; its files appear complete",
            name);
    for (auto const& condition : conditions.all())
        if (condition.kind == ConditionKind::export_end_not_seen &&
            std::ranges::find(names, condition.subject) == names.end())
            conditions.clear(ConditionKind::export_end_not_seen, condition.subject);
}

void SnapshotTaker::add_jobs(ScheduleSnapshot& snapshot) {
    for (auto const& job : dependencies_.engine.unfinished_jobs()) {
        // A job whose task makes no progress does not keep its VM from the schedule once a later export succeeded.
        bool const is_of_vm = job.kind == JobKind::backup && !dependencies_.engine.is_superseded(job.id);
        snapshot.in_progress.push_back(is_of_vm ? job.vm : VmUuid{});
        if (auto const why = why_not_named(job); !why.empty())
            snapshot.facts.unnamed[job.vm] = "job " + std::to_string(job.id) + " has not finished: " + why;
        // A job that only inspects its files and writes its manifest is still unfinished, but its slot is free.
        if (job.phase != Phase::queued && !holds_slot(job)) ++snapshot.slotless;
    }
}

task<Result<ScheduleSnapshot>> SnapshotTaker::take(Timing timing, Milliseconds vm_age) {
    auto vms = co_await dependencies_.engine.list_vms_by_clock(vm_age);
    bool const is_refused =
        !vms && (vms.error().code == Errc::credentials_refused || vms.error().code == Errc::forbidden);
    if (!is_refused) co_await dependencies_.engine.identity().check(vm_age);
    auto const space = co_await dependencies_.catalog.space();
    auto const storage = co_await dependencies_.engine.check_storage();
    // After LocalPath was checked: in a new one, the first check writes the mark that the gate needs.
    auto hold = co_await why_no_orders(vms.has_value());
    auto deleting_hold = co_await dependencies_.engine.gate().objection_to_deleting();
    std::optional<UtcTime> in_use_since;
    if (storage) in_use_since = co_await dependencies_.moved.in_use_since();
    co_await dependencies_.clock.check();
    // Last, with no wait after it: the folders and the unfinished jobs must be of the same moment.
    auto const read = co_await read_folders();
    if (!read) co_return while_doing(read.error(), "reading the backups");

    ScheduleSnapshot snapshot;
    snapshot.taken = true;
    auto& facts = snapshot.facts;
    dependencies_.clock.observe();  // reading the folders may have taken long
    facts.now = snapshot.retention.now = dependencies_.time.now();
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
    if (storage) dependencies_.evidence.forget_others(backups_);
    add_copies(snapshot);
    if (storage) note_damage(snapshot.retention);
    if (storage) note_unknown_ends(snapshot.retention);
    if (facts.vms_known) note_missing_vms(snapshot.retention, facts, list_is_complete);
    // Failures before the present window no longer count.
    auto const opening = opening_before(timing.window, facts.now, dependencies_.zone);
    facts.failures = history_.failures_since(opening);
    if (in_use_since) add_moved(snapshot, *in_use_since, timing);
    facts.usual_durations = history_.usual_durations();
    facts.first_seen = first_seen_;
    snapshot.retention.clock_doubt = dependencies_.clock.doubt();
    snapshot.retention.hold = std::move(deleting_hold);
    add_jobs(snapshot);
    // What waits in the trash goes when an export needs the room.
    if (space) facts.space = dependencies_.engine.storage_space(*space);
    if (space) snapshot.free_bytes = facts.space.free_bytes + facts.space.reclaimable_bytes;
    if (!storage) facts.storage_problem = snapshot.retention.storage_problem = storage.error().context;
    co_return snapshot;
}

}  // namespace sb::engine
