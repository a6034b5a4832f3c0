#include "daemon/engine/schedule_snapshot.hpp"

#include "daemon/async/let_others_run.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

/// A copy from the future does not count, as for the schedule.
std::unordered_set<VmUuid> vms_with_good_copies(RetentionFacts const& retention) {
    std::unordered_set<VmUuid> vms;
    for (auto const& stored : retention.backups) {
        bool const is_good = last_known_state(stored) == BackupState::complete &&
                             stored.origin == ClusterOrigin::same && stored.end_known && !stored.is_claim;
        if (is_good && stored.started <= retention.now + clock_slack) vms.insert(counts_for(stored));
    }
    return vms;
}

/// As long as the record of a job, so that a job fits if this did.
constexpr auto test_fact = "write_test";
constexpr std::size_t test_bytes = 4096;

}  // namespace

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
    dependencies_.links.note(job);
    if (job.phase == Phase::finished) folders_changed();
}

task<NotedDeletion> SnapshotTaker::note_deletion(Backup backup) {
    NotedDeletion noted;
    if (!backup.manifest) co_return noted;
    auto vm = backup.manifest->vm_uuid;
    auto const newest = history_.newest_success(vm);
    if (!newest) co_return noted;
    auto const apart = backup.manifest->started - newest->started;  // a manifest may keep its times less exactly
    bool const is_newest = newest->backup == backup.name || (apart > -1s && apart < 1s);
    if (!is_newest) co_return noted;
    noted.vm = vm;
    noted.success = newest->started;
    std::set<VmUuid> known;
    for (auto const& [each, successes] : history_.successes()) known.insert(each);
    co_await dependencies_.moved.note_deletion(std::move(vm), newest->started, std::move(known));
    co_return noted;
}

task<void> SnapshotTaker::end_deletion(NotedDeletion noted, bool is_deleted) {
    if (noted.vm.empty()) co_return;
    co_await dependencies_.moved.end_deletion(std::move(noted.vm), noted.success, is_deleted);
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
        silent_folders_.note(*backups_, *backups);
        backups_ = std::make_shared<Backups const>(std::move(*backups));
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
    std::unordered_set<VmUuid> claimed;  // any number of them can be planted: these are not recorded
    for (auto const& backup : retention.backups) {
        if (backup.vm.empty() || backup.origin != ClusterOrigin::same) continue;
        auto& vms = backup.is_claim ? claimed : with_copies;
        vms.insert(backup.vm);
        if (!backup.linked_to.empty()) vms.insert(backup.linked_to);
    }
    missing_vms_.note_complete_list(seen, with_copies, facts.now, dependencies_.clock.in_doubt());
    for (auto const* vms : {&with_copies, &claimed})
        for (auto const& vm : *vms)
            if (!missing_vms_.is_gone(vm, facts.now)) seen.insert(vm);
    retention.existing = std::move(seen);
}

bool SnapshotTaker::is_journal_unwritable() const {
    auto const standing = dependencies_.conditions.all();
    return std::ranges::find(standing, ConditionKind::journal_unwritable, &Condition::kind) != standing.end();
}

task<std::string> SnapshotTaker::why_not_recorded() {
    if (!is_journal_unwritable()) co_return std::string();
    std::string text(test_bytes, ' ');
    auto const written = co_await dependencies_.journal.set_fact(test_fact, std::move(text));
    dependencies_.conditions.note_journal(written);
    if (written) co_return std::string();
    co_return with_remedy(ConditionKind::journal_unwritable,
                          "the journal cannot be written, so nothing is ordered: " + written.error().context);
}

/// A journal that cannot be written, an update of the cluster, another installation, or exports that would all fail.
task<std::string> SnapshotTaker::why_no_orders(bool cluster_answers, Asker asker) {
    auto why = co_await why_not_recorded();
    auto& gate = dependencies_.engine.gate();
    bool const may_ask = asker == Asker::clock;
    if (why.empty() && cluster_answers && may_ask) why = co_await gate.objection();
    if (why.empty() && cluster_answers && !may_ask) why = co_await gate.known_objection();
    if (why.empty()) why = dependencies_.engine.why_no_exports();
    if (why.empty()) why = co_await dependencies_.guard.objection();
    co_return why;
}

/// Until the administrator has said whether one VM continues another, retention keeps the earlier one's copies. Only a
/// complete list shows which VMs are gone.
void SnapshotTaker::note_possible_links(RetentionFacts& retention, Facts const& facts, VmLinks links,
                                        bool list_is_complete) {
    std::unordered_set<VmUuid> living;
    for (auto const& vm : facts.vms) living.insert(vm.uuid);
    auto const is_of_gone_vm = [&](Stored const& stored) { return !living.contains(counts_for(stored)); };
    bool const is_known = list_is_complete && !facts.vms.empty();
    // The rule is: no VM is gone. Then there is nothing to copy and compare.
    if (is_known && std::ranges::none_of(retention.backups, is_of_gone_vm)) {
        possible_links_.clear();
    } else if (is_known) {
        LinkFacts known;
        known.vms = facts.vms;
        known.backups = retention.backups;
        known.links = std::move(links);
        known.restored = dependencies_.links.restored();
        possible_links_ = possible_links(known);
    }
    auto& conditions = dependencies_.conditions;
    std::set<std::string> found;
    for (auto const& possible : possible_links_) {
        found.insert(possible.earlier.text());
        conditions.raise(ConditionKind::vm_may_be_continued, text_of(possible) + ". " + how_to_link(possible),
                         possible.earlier.text());
    }
    for (auto const& condition : conditions.all())
        if (condition.kind == ConditionKind::vm_may_be_continued && !found.contains(condition.subject))
            conditions.clear(ConditionKind::vm_may_be_continued, condition.subject);
    retention.possible_links = possible_links_;
}

task<void> SnapshotTaker::add_copies(ScheduleSnapshot& snapshot, std::shared_ptr<Backups const> backups,
                                     VmLinks const& links) {
    constexpr std::size_t some = 1000;
    auto const present = dependencies_.engine.identity().present();
    std::map<VmUuid, std::pair<UtcTime, std::uint64_t>> newest_copies;
    snapshot.retention.backups.reserve(backups->size());
    for (auto const& backup : *backups) {
        if (snapshot.retention.backups.size() % some == some - 1) co_await let_others_run();
        auto stored = stored_of(backup, present);
        stored.unreadable = !dependencies_.evidence.why_unreadable(stored.name).empty();
        if (auto const before = silent_folders_.state_before(stored.name)) stored.state_before = before;
        use_link(stored, links);
        bool const counts = last_known_state(stored) == BackupState::complete && stored.origin == ClusterOrigin::same &&
                            !stored.is_claim;
        if (counts) {
            auto& newest = newest_copies[counts_for(stored)];
            auto const bytes = stored.known_bytes != 0 ? stored.known_bytes : stored.size_bytes;
            if (newest.first <= stored.started) newest = {stored.started, bytes};
        }
        if (counts && stored.scheduled)
            snapshot.facts.copies.push_back({counts_for(stored), stored.started, stored.end_known});
        snapshot.retention.backups.push_back(std::move(stored));
    }
    for (auto const& [vm, copy] : newest_copies) snapshot.facts.last_sizes[vm] = copy.second;
}

/// What we deleted is nowhere else: a VM that is left without any copy, as when a link ends, is due, but not again and
/// again. Returns those that wait.
std::set<VmUuid> SnapshotTaker::drop_deleted(std::vector<MovedBackup>& moved, RetentionFacts const& retention,
                                             Timing const& timing, VmLinks const& links) {
    std::set<VmUuid> waiting;
    auto const ours = dependencies_.moved.deleted_by_us(moved);
    if (ours.empty()) return waiting;
    auto const served = vms_with_good_copies(retention);
    std::erase_if(moved, [&](MovedBackup const& backup) {
        auto const& vm = backup.vm;
        if (!ours.contains(vm) || served.contains(links.continued_by(vm))) return false;
        if (!dependencies_.moved.is_repeated(backup, timing, dependencies_.zone)) return true;
        waiting.insert(vm);
        return false;
    });
    return waiting;
}

SnapshotTaker::Moment SnapshotTaker::this_moment() const {
    Moment moment{history_.successes(), folders_read_at_, {}};
    for (auto const& job : dependencies_.engine.unfinished_jobs())
        if (job.kind == JobKind::backup) moment.being_exported.insert(job.vm);
    return moment;
}

void SnapshotTaker::add_moved(ScheduleSnapshot& snapshot, Moment const& moment, UtcTime since, Timing const& timing,
                              VmLinks const& links) {
    auto const& kept = snapshot.retention.backups;
    auto& facts = snapshot.facts;
    dependencies_.moved.compare(moment.successes, kept, moment.listed, moment.being_exported);
    auto moved = moved_backups(moment.successes, kept, since, facts.now, timing, dependencies_.zone);
    dependencies_.moved.note_trashed(moved);
    auto const deleted_again = drop_deleted(moved, snapshot.retention, timing, links);
    for (auto const& backup : moved) facts.copies.push_back({links.continued_by(backup.vm), backup.started, true});
    auto const damaged = damaged_exports(moment.successes, kept);
    for (auto const& exported : damaged) {
        if (retry_at(exported.failures) <= facts.now) continue;
        auto& failures = facts.failures[exported.vm];
        failures.count += exported.failures.count;
        if (failures.last > exported.failures.last) continue;
        failures.last = exported.failures.last;
        failures.reason = exported.failures.reason;
    }
    dependencies_.moved.report(moved, deleted_again, damaged);
}

/// What made every export fail has ended: the VMs that it concerned do not wait for their own pauses.
void SnapshotTaker::note_ended_causes(Facts& facts) {
    // One that fails again and again while others succeed has another cause.
    constexpr int most_without_pause = 3;
    for (auto& [vm, failures] : facts.failures) {
        auto const last = history_.last_scheduled_failure(vm);
        bool const is_last = last && last->finished == failures.last;
        failures.has_cause_ended =
            is_last && failures.count <= most_without_pause && dependencies_.guard.has_cause_ended(*last);
    }
}

/// Retention refuses because of them, and would do so silently.
void SnapshotTaker::note_damage(RetentionFacts const& retention) {
    auto& conditions = dependencies_.conditions;
    std::set<std::string> damaged;
    auto const is_damaged = [](Stored const& stored) { return last_known_state(stored) == BackupState::damaged; };
    std::vector<bool> needless(retention.backups.size(), false);
    if (std::ranges::any_of(retention.backups, is_damaged)) needless = damaged_copies_by_hand(retention.backups);
    for (std::size_t i = 0; i < retention.backups.size(); ++i) {
        auto const& stored = retention.backups[i];
        if (!is_damaged(stored)) continue;
        if (stored.origin == ClusterOrigin::other || needless[i]) continue;
        if (stored.is_claim) continue;  // it keeps no other
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
        if (dependencies_.engine.is_withdrawn(job.id)) continue;  // it is about to end, and orders nothing
        // A job whose task makes no progress does not keep its VM from the schedule once a later export succeeded.
        bool const is_of_vm = job.kind == JobKind::backup && !dependencies_.engine.is_superseded(job.id);
        snapshot.in_progress.push_back(is_of_vm ? job.vm : VmUuid{});
        if (auto const why = why_not_named(job); !why.empty())
            snapshot.facts.unnamed[job.vm] = "job " + std::to_string(job.id) + " has not finished: " + why;
        // A job that only inspects its files and writes its manifest is still unfinished, but its slot is free.
        bool const has_slot = holds_slot(job) && !dependencies_.engine.has_left_slot(job.id);
        if (job.phase != Phase::queued && !has_slot) ++snapshot.slotless;
    }
}

task<VmsForPerson> SnapshotTaker::ask_cluster(Milliseconds vm_age, Asker asker) {
    auto& engine = dependencies_.engine;
    if (asker == Asker::person) co_return co_await engine.list_vms_for_person(vm_age);
    auto vms = co_await engine.list_vms_by_clock(vm_age);
    bool const is_refused =
        !vms && (vms.error().code == Errc::credentials_refused || vms.error().code == Errc::forbidden);
    if (!is_refused) co_await engine.identity().check(vm_age);
    VmsForPerson answer{std::move(vms), std::string()};
    co_return answer;
}

task<Result<ScheduleSnapshot>> SnapshotTaker::take(Timing timing, Milliseconds vm_age, Asker asker) {
    auto asked = co_await ask_cluster(vm_age, asker);
    auto& vms = asked.vms;
    auto const space = co_await dependencies_.catalog.space();
    auto const storage = co_await dependencies_.engine.check_storage();
    // After LocalPath was checked: in a new one, the first check writes the mark that the gate needs.
    auto hold = co_await why_no_orders(vms.has_value(), asker);
    auto deleting_hold = co_await dependencies_.engine.gate().objection_to_deleting();
    std::optional<UtcTime> in_use_since;
    if (storage) in_use_since = co_await dependencies_.moved.in_use_since();
    co_await dependencies_.clock.check();
    auto const recorded_links = co_await dependencies_.links.all();
    if (!recorded_links && deleting_hold.empty()) deleting_hold = recorded_links.error().context;
    // Last: the folders, the unfinished jobs and the successes must be of the same moment. What follows is computed
    // from them, with pauses: ten thousand backups take longer than another caller may wait.
    auto const read = co_await read_folders();
    if (!read) co_return while_doing(read.error(), "reading the backups");
    auto const backups = backups_;
    auto const moment = this_moment();
    ScheduleSnapshot snapshot;
    add_jobs(snapshot);
    co_await let_others_run();

    snapshot.taken = true;
    auto& facts = snapshot.facts;
    dependencies_.clock.observe();  // reading the folders may have taken long
    facts.now = snapshot.retention.now = dependencies_.time.now();
    facts.vms_known = vms.has_value();
    bool const list_is_complete = vms && vms->complete;
    std::unordered_set<VmUuid> seen;
    if (vms) {
        facts.vms = std::move(*vms);
        for (auto const& vm : facts.vms) seen.insert(vm.uuid);
        if (asked.problem.empty()) note_vms(seen, facts.now);
    } else {
        snapshot.cluster_error = vms.error();
    }
    facts.hold = std::move(hold);
    if (storage) dependencies_.evidence.forget_others(*backups);
    VmLinks links;
    if (recorded_links) links = recorded_links->in_effect(seen, dependencies_.engine.identity().present().uuid);
    dependencies_.links.note_in_effect(links);
    co_await add_copies(snapshot, backups, links);
    co_await let_others_run();
    if (storage) note_damage(snapshot.retention);
    if (storage) note_unknown_ends(snapshot.retention);
    co_await let_others_run();
    if (storage) note_possible_links(snapshot.retention, facts, links, list_is_complete && recorded_links);
    snapshot.cluster_problem = std::move(asked.problem);
    if (facts.vms_known && snapshot.cluster_problem.empty())
        note_missing_vms(snapshot.retention, facts, list_is_complete);
    // Failures before the present window no longer count.
    auto const opening = opening_before(timing.window, facts.now, dependencies_.zone);
    facts.failures = history_.failures_since(opening);
    co_await let_others_run();
    if (in_use_since) add_moved(snapshot, moment, *in_use_since, timing, links);
    note_ended_causes(facts);
    facts.usual_durations = history_.usual_durations();
    facts.first_seen = first_seen_;
    snapshot.retention.clock_doubt = dependencies_.clock.doubt();
    snapshot.retention.hold = std::move(deleting_hold);
    // What waits in the trash goes when an export needs the room.
    if (space) facts.space = dependencies_.engine.storage_space(*space);
    if (!facts.space.kept.empty())
        facts.space.kept = last_copies(facts.space.kept, vms_with_good_backups(*backups, facts.now));
    if (space) snapshot.free_bytes = facts.space.free_bytes + facts.space.reclaimable_bytes;
    if (!storage) facts.storage_problem = snapshot.retention.storage_problem = storage.error().context;
    co_return snapshot;
}

}  // namespace sb::engine
