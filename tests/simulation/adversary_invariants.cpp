// What must hold, whatever happens. The letters are those of the promises:
// a  no living VM loses its last restorable copy by our hand, and no whole export is thrown away;
// b  no folder goes that we did not make;
// c  no attempt is ordered twice, and the schedule exports no VM that the cluster is still exporting for us;
// d  what was answered is remembered;
// e  every success is restorable at that moment;
// f  each due VM in an open window with a free slot is started within a look, or the plan has a true reason;
// g  everything ends when the faults do;
// h  landing folders are never listed as backups; nothing is written into what lies below an absent share.
#include "common/text/ascii.hpp"
#include "tests/simulation/adversary_neighbour.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

namespace sb::test::adversary {

namespace {

constexpr auto look = 30min;  ///< the engine looks every ten minutes; cluster and share may have to be asked first

bool is_about_a_copy(core::ConditionKind kind) {
    using enum core::ConditionKind;
    return kind == copy_damaged || kind == export_end_not_seen || kind == backup_moved_away ||
           kind == copy_unreadable || kind == copy_changed || kind == vm_may_be_continued;
}

}  // namespace

void World::broken(char promise, std::string text) {
    if (violation) return;
    if (tell) std::cout << "  BROKEN " << format_rfc3339(time.now()) << " " << promise << ": " << text << std::endl;
    violation = Violation{promise, std::move(text), moves};
}

/// At its cluster.
bool World::is_living(Export const& mine) {
    return std::ranges::find(mine.at->vms, mine.vm, &core::Vm::uuid) != mine.at->vms.end();
}

VmUuid World::counted_as(VmUuid vm) const {
    std::size_t hops = 0;
    for (auto next = links.find(vm); next != links.end() && hops <= links.size(); next = links.find(vm)) {
        vm = next->second;
        ++hops;
    }
    return vm;
}

std::optional<VmUuid> World::continued_by(VmUuid vm) const {
    auto const later = counted_as(vm);
    bool const is_there = std::ranges::find(cluster.vms, later, &core::Vm::uuid) != cluster.vms.end();
    return later != vm && is_there ? std::optional(later) : std::nullopt;
}

Export* World::export_of(std::string const& landing) {
    auto const found = exports.find(core::attempt_of(landing));
    return found == exports.end() ? nullptr : &found->second;
}

Export* World::export_in(std::string const& backup) {
    auto const manifest = catalog.manifests.find(backup);
    if (manifest == catalog.manifests.end()) return nullptr;
    auto const found = exports.find(manifest->second.attempt);
    return found == exports.end() ? nullptr : &found->second;
}

core::Job const* World::job_in(FakeJournal const& records, std::string const& attempt) {
    auto const is_its_job = [&](auto const& job) { return job.second.attempt == attempt; };
    auto const found = std::ranges::find_if(records.jobs.rbegin(), records.jobs.rend(), is_its_job);
    return found == records.jobs.rend() ? nullptr : &found->second;
}

/// The clusters forget their tasks, the model does not.
void World::look_at_tasks() {
    std::erase_if(writing, [&](std::string const& attempt) {
        auto& mine = exports[attempt];
        auto const run = std::ranges::find(mine.at->runs, mine.tag, &FakeCluster::Run::tag);
        if (run == mine.at->runs.end()) return false;
        auto const state = mine.at->report_of(*run).state;
        mine.whole = state == core::TaskState::complete;
        mine.failed = state == core::TaskState::error;
        return mine.whole || mine.failed;
    });
}

std::vector<std::string> World::restorable_copies(VmUuid const& vm) {
    look_at_tasks();
    std::vector<std::string> copies;
    for (auto const& [name, manifest] : catalog.manifests) {
        auto const* const mine = export_in(name);
        bool const is_sound = mine != nullptr && mine->whole && mine->flushed && mine->vm == vm;
        if (is_sound && catalog.folders.contains(name) && !catalog.unreadable.contains(name)) copies.push_back(name);
    }
    return copies;
}

// ---- what the engine says

void World::submitted(core::Job const& job) { promised[job.id] = job.backup; }

void World::note(core::Job const& job) {
    auto& told = told_phases[job.id];
    if (tell && std::exchange(told, job.phase) != job.phase)
        std::cout << "  job " << job.id << " " << job.vm_name << " " << core::name_of(job.phase) << " "
                  << core::name_of(job.outcome) << (job.error ? ": " + job.error->context : std::string()) << std::endl;
    if (job.phase != core::Phase::finished || job.kind != core::JobKind::backup) return;
    // Again if the end had no record yet when the daemon ended: the next attempt waits from then on.
    if (job.outcome != core::Outcome::succeeded) failed_at[job.vm] = time.steady_now();
    if (!ended.insert(job.id).second) return;
    if (job.outcome != core::Outcome::succeeded) {
        if (job.error) guards.refused(std::string("job: ") + std::string(sb::name_of(job.error->code)));
        return;
    }
    ++successes;
    if (!job.scheduled)
        for (auto const& attempt : writing)
            exports[attempt].given_up = exports[attempt].given_up || exports[attempt].vm == job.vm;
    failed_at.erase(job.vm);
    if (cancelled.contains(job.id)) broken('d', "job " + std::to_string(job.id) + " was cancelled and has succeeded");
    check_success(job);
}

void World::check_success(core::Job const& job) {
    auto const which = "job " + std::to_string(job.id) + " (" + job.backup + ")";
    auto const found = exports.find(job.attempt);
    if (found == exports.end()) return broken('e', which + " succeeded without an export");
    look_at_tasks();
    auto const& mine = found->second;
    if (mine.cut && job.end == core::ExportEnd::seen) broken('e', which + " ended early, and its end was 'seen'");
    if (mine.touched || mine.cut || mine.forgotten) return;
    auto const copies = restorable_copies(mine.vm);
    if (std::ranges::find(copies, job.backup) != copies.end()) return;
    auto const* const there = export_in(job.backup);
    broken('e', which + " succeeded and cannot be restored" + (there == &mine ? "" : ": its folder is not there") +
                    (mine.whole ? "" : ": it is not whole") + (mine.flushed ? "" : ": its data were lost"));
}

void World::check_memory() {
    for (auto const& [id, name] : promised) {
        auto const job = journal.jobs.find(id);
        bool const is_known = job != journal.jobs.end() && job->second.backup.starts_with(name);
        if (!is_known) return broken('d', "job " + std::to_string(id) + " was answered and is forgotten");
        if (cancelled.contains(id) && !job->second.cancel_requested && job->second.outcome != core::Outcome::cancelled)
            return broken('d', "the cancellation of job " + std::to_string(id) + " was answered and is forgotten");
    }
    for (auto const& [earlier, later] : links)
        if (!journal.links.contains(earlier)) return broken('d', "the link of " + earlier.text() + " is forgotten");
    links.clear();  // those whose answer was lost may be there, too
    for (auto const& [earlier, link] : journal.links) links[earlier] = link.later;
    if (paused && life->scheduler->paused() != *paused) broken('d', "pause was answered and is forgotten");
}

void World::check() {
    look_at_tasks();
    if (below.marks_made > 0 || !below.manifests.empty()) broken('h', "something was written below the absent share");
    if (!is_up() || violation) return;
    life->storage_watch.check(*life->conditions);
    guards.note(life->conditions->all());
    if (auto const& plan = life->scheduler->last_plan()) guards.note(*plan);
    if (moves % 4 == 0)
        ask<Result<engine::RetentionResult>>(life->scheduler->clean_up().evaluate(), [this](auto const& result) {
            if (result) guards.note(result->verdicts);
        });
    check_lists();
    check_due();
}

void World::check_lists() {
    ask<Result<std::vector<core::Backup>>>(life->engine->list_backups(), [this](auto const& backups) {
        if (!backups) return;
        for (auto const& backup : *backups) {
            bool const is_unfinished = backup.state == core::BackupState::exporting;
            if (core::is_landing_folder(backup.name)) broken('h', "'" + backup.name + "' is listed as a backup");
            if (core::is_landing_folder(backup.folder) && !is_unfinished)
                broken('h', "'" + backup.folder + "' is listed as a backup");
        }
    });
    time.settle();  // the answer comes immediately, unless the share hangs
}

// ---- the schedule

void World::check_due() {
    auto const steady = time.steady_now();
    if (steady - disturbed_at < look || share_gone || share_read_only || cluster.unreachable || journal.full) return;
    if (catalog.mark_unreadable || catalog.room.free_bytes == 0 || !cluster.list_is_complete) return;
    if (paused.value_or(true) || hangs_until + look > steady) return;
    auto const wall = time.now();
    auto const window = settings.settings.timing.window;
    auto const of_day = std::chrono::floor<Milliseconds>(wall - std::chrono::floor<std::chrono::days>(wall));
    auto const day = Milliseconds{24h};
    auto const since_opening = (of_day - Milliseconds{window.start} + day) % day;
    auto const length =
        window.start == window.end ? day : (Milliseconds{window.end} - Milliseconds{window.start} + day) % day;
    bool const always = window.start == window.end;
    if (!always && (since_opening < look || since_opening >= length)) return;
    int used = 0;
    std::set<VmUuid> busy;
    for (auto const& [id, job] : journal.jobs) {
        if (job.phase == core::Phase::finished) continue;
        bool const waits_for_name = job.phase == core::Phase::committing && job.error;
        if (!waits_for_name) ++used;
        busy.insert(job.vm);
    }
    if (used >= settings.settings.slots) return;
    auto const run = life->scheduler->current_run();
    if (run && run->phase == core::RunPhase::pre_hook) return;  // PreSchedule comes before the first export
    auto const conditions = life->conditions->all();
    auto const stands = [&](core::ConditionKind kind, std::string const& subject) {
        return std::ranges::any_of(conditions, [&](auto const& c) { return c.kind == kind && c.subject == subject; });
    };
    using enum core::ConditionKind;
    for (auto const holds_all : {exports_failing, exports_not_started, cluster_login_refused, cluster_updating,
                                 second_installation, owner_file_unusable})
        if (stands(holds_all, "")) return;
    for (auto const& vm : cluster.vms) {
        if (busy.contains(vm.uuid) || missing.contains(vm.uuid)) continue;
        if (auto const known = known_since.find(vm.uuid); known != known_since.end() && steady - known->second < look)
            continue;
        if (auto const failed = failed_at.find(vm.uuid);
            failed != failed_at.end() && steady - failed->second < 65min + look)
            continue;
        // It stands for a copy, also for one of the VM that continues its own.
        bool const is_moved = std::ranges::any_of(conditions, [&](auto const& each) {
            VmUuid const of{each.subject};
            return each.kind == backup_moved_away && (of == vm.uuid || continued_by(of) == vm.uuid);
        });
        if (is_moved) continue;
        // A success counts for its interval, whatever a person has then done with the copy.
        if (auto const gone = taken_away.find(vm.uuid);
            gone != taken_away.end() && steady - gone->second < 24h * interval_days + 1h)
            continue;
        auto const& tag = settings.settings.tag;
        if (tag && !core::has_tag(vm, *tag)) continue;
        ++due_checks;
        auto const newest_allowed = wall - 24h * interval_days - look;
        bool const is_served = std::ranges::any_of(catalog.manifests, [&](auto const& entry) {
            auto const& manifest = entry.second;
            bool const is_its = manifest.vm_uuid == vm.uuid || continued_by(manifest.vm_uuid) == vm.uuid;
            return is_its && manifest.scheduled && manifest.started > newest_allowed &&
                   manifest.started <= wall + 5min && !catalog.unreadable.contains(entry.first);
        });
        if (is_served) continue;
        std::string reason = "no reason";
        if (auto const& plan = life->scheduler->last_plan())
            for (auto const& skipped : plan->skipped)
                if (skipped.vm == vm.uuid) reason = core::explain(skipped, zone);
        return broken('f', vm.name + " is due, a slot is free, and it is not started: " + reason);
    }
}

void World::check_order(std::vector<JobId> const& unfinished_before) {
    for (auto const id : unfinished_before) {
        auto const& job = journal.jobs[id];
        if (job.phase != core::Phase::finished)
            return broken(
                'g', "job " + std::to_string(id) + " is " + std::string(core::name_of(job.phase)) + " and never ends");
    }
    if (!is_up()) return broken('g', "the daemon does not start");
    for (auto const& [id, run] : journal.runs)
        if (run.phase != core::RunPhase::finished && run.id + 3 < journal.runs.rbegin()->first)
            return broken('g', "run " + std::to_string(id) + " never ends");
    for (auto const& [id, hook] : journal.owed)
        if (time.now() - hook.since > 48h) return broken('g', "the hook of job " + std::to_string(id) + " stays owed");
    for (auto const& [folder, manifest] : catalog.landed)
        if (auto const* const mine = export_of(folder); mine != nullptr && mine->by == this && !mine->may_stay)
            return broken('g', "'" + folder + "' is complete and never gets its name");
    auto const has_future_copy = [&](std::string const& vm) {
        return std::ranges::any_of(catalog.manifests, [&](auto const& entry) {
            auto const& of = entry.second.vm_uuid;  // it counts as one of a later VM, also of one that is gone, too
            bool const is_its = of.text() == vm || counted_as(of).text() == vm;
            return is_its && entry.second.started > time.now() + 5min;
        });
    };
    for (auto const& condition : life->conditions->all())
        if (!is_about_a_copy(condition.kind) &&
            (condition.kind != core::ConditionKind::copy_from_the_future || !has_future_copy(condition.subject)))
            return broken('g', "a condition stands without a cause: " + condition.reason);
    for (auto const& vm : cluster.vms) {
        bool const is_served = std::ranges::any_of(catalog.manifests, [&](auto const& entry) {
            auto const& of = entry.second.vm_uuid;
            return (of == vm.uuid || continued_by(of) == vm.uuid) &&
                   entry.second.started > time.now() - 24h * (interval_days + 1) - 1h &&
                   !catalog.unreadable.contains(entry.first);
        });
        if (!is_served) return broken('g', vm.name + " is not backed up any longer");
    }
}

}  // namespace sb::test::adversary
