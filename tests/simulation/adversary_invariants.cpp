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
#include "tests/simulation/adversary.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

namespace sb::test::adversary {

namespace {

constexpr auto look = 30min;  ///< the engine looks every ten minutes; cluster and share may have to be asked first

bool is_about_a_copy(core::ConditionKind kind) {
    using enum core::ConditionKind;
    return kind == copy_damaged || kind == export_end_not_seen || kind == backup_moved_away || kind == copy_unreadable;
}

/// The schedule's own names begin with a date, those of people with a letter.
bool is_name_of_schedule(std::string const& folder) { return !folder.empty() && folder[0] >= '0' && folder[0] <= '9'; }

}  // namespace

void World::broken(char promise, std::string text) {
    if (violation) return;
    if (tell) std::cout << "  BROKEN " << promise << ": " << text << std::endl;
    violation = Violation{promise, std::move(text), moves};
}

bool World::is_living(VmUuid const& vm) const {
    return std::ranges::find(cluster.vms, vm, &core::Vm::uuid) != cluster.vms.end();
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

core::Job const* World::job_of(std::string const& attempt) const {
    auto const is_its_job = [&](auto const& job) { return job.second.attempt == attempt; };
    auto const found = std::ranges::find_if(journal.jobs, is_its_job);
    return found == journal.jobs.end() ? nullptr : &found->second;
}

/// The cluster forgets its tasks, the model does not.
void World::look_at_tasks() {
    std::erase_if(writing, [&](std::string const& attempt) {
        auto& mine = exports[attempt];
        auto const run = std::ranges::find(cluster.runs, mine.tag, &FakeCluster::Run::tag);
        if (run == cluster.runs.end()) return false;
        auto const state = cluster.report_of(*run).state;
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

// ---- what the engine does to the world

void World::ordered(ports::ExportOrder const& order) {
    auto const attempt = core::attempt_of(order.folder);
    if (tell) std::cout << "  ordered " << order.folder << std::endl;
    if (attempt.empty()) return broken('c', "an export into '" + order.folder + "', which is not a landing folder");
    auto const job = job_of(attempt);
    bool const hook_was_between = job != nullptr && job->pre_hook;
    if (share_gone && !hook_was_between)
        broken('h', "an export into '" + order.folder + "' was ordered while the share was not mounted");
    if (exports.contains(attempt)) return broken('c', "the export into '" + order.folder + "' was ordered twice");
    bool const by_schedule = is_name_of_schedule(order.folder);
    look_at_tasks();
    bool const hides_tasks = !cluster.knows_tags || !cluster.lists_tasks || !cluster.vms_know_tasks;
    for (auto const& other : writing) {
        auto const& mine = exports[other];
        if (by_schedule && mine.vm == order.vm && !hides_tasks && !mine.given_up)
            broken('c',
                   "'" + order.folder + "' was ordered while the cluster was still writing '" + mine.landing + "'");
    }
    Export mine;
    mine.landing = order.folder;
    mine.vm = order.vm;
    mine.scheduled = by_schedule;
    exports[attempt] = mine;
    for (auto const& vm : cluster.vms) {
        if (vm.uuid != order.vm || cluster.unreachable) continue;
        if (cluster.refuse_post.contains(vm.name)) return struck(Act::order_refused);
        if (cluster.lose_request.contains(vm.name)) return struck(Act::request_lost);
        if (cluster.lose_answer.contains(vm.name)) struck(Act::answer_lost);
        if (cluster.answer_with_error.contains(vm.name)) struck(Act::answer_ambiguous);
        if (cluster.task_error.contains(vm.name)) struck(Act::task_fails);
        if (cluster.post_delay > 0ms) struck(Act::answer_late);
    }
}

void World::importing(ports::ImportOrder const&) { struck(Act::restore); }

std::optional<Error> World::why_not_whole(std::string const& folder) {
    look_at_tasks();
    auto const* const mine = export_of(folder);
    if (mine == nullptr || mine->whole || mine->cut) return std::nullopt;
    return Error{Errc::incomplete_backup, "the image ends early"};
}

std::optional<Error> World::why_not_removable() {
    if (!share_read_only) return std::nullopt;
    return Error{Errc::io, "read-only file system"};
}

void World::removing(std::string const& folder) {
    if (share_gone) return;
    auto const manifest = catalog.manifests.find(folder);
    if (manifest == catalog.manifests.end() || manifest->second.is_protected) return;
    ++deletions;
    auto const* const mine = export_in(folder);
    if (tell) std::cout << "  removing " << folder << std::endl;
    if (mine == nullptr) return broken('b', "'" + folder + "' is not ours and was deleted");
    if (deleted_by_person.contains(folder)) {
        taken_away[mine->vm] = time.steady_now();
        return;
    }
    auto copies = restorable_copies(mine->vm);
    bool const is_restorable = std::ranges::find(copies, folder) != copies.end();
    // What cannot be read now is no reason to let another one go.
    std::erase_if(copies, [&](auto const& copy) { return copy == folder || catalog.cannot_read.contains(copy); });
    if (is_restorable && copies.empty() && is_living(mine->vm))
        broken('a', "'" + folder + "', the last restorable copy of " + mine->vm.text() + ", was deleted");
}

/// A copy is read before another one goes that leans on it.
void World::looking(std::string const& folder) {
    if (catalog.cannot_read.contains(folder)) struck(Act::copy_unreadable);
    if (disturbed_in == 0 || --disturbed_in > 0) return;
    auto const* const mine = export_in(folder);
    if (mine == nullptr) return;
    struck(Act::clean_up_disturbed);
    remove_by_hand(folder);
}

void World::discarding(std::string const& landing) {
    if (share_gone || !catalog.folders.contains(landing) || catalog.landed.contains(landing)) return;
    ++deletions;
    if (tell) std::cout << "  discarding " << landing << std::endl;
    look_at_tasks();
    auto const* const mine = export_of(landing);
    if (mine == nullptr || mine->tag.empty()) return broken('b', "'" + landing + "' is not ours and was deleted");
    auto const job = job_of(core::attempt_of(landing));
    bool const is_cancelled = job != nullptr && job->cancel_requested;
    if (mine->whole && mine->flushed && !is_cancelled)
        broken('a', "'" + landing + "' holds a whole export and was deleted");
}

void World::rename_answered(Result<std::string> const& name) {
    if (name) return;
    if (catalog.renaming_fails) struck(share_read_only ? Act::share_read_only : Act::rename_refused);
}

task<void> World::write() {
    if (journal_takes == 0ms || !gate.is_open()) co_return;
    struck(Act::journal_slow);
    auto const done = time.steady_now() + journal_takes;
    co_await time.sleep_until(done);
}

void World::wrote(bool is_written) {
    if (is_written) return;
    disturb();
    struck(journal.full ? Act::journal_full : Act::write_fails);
}

bool World::lies_about_write() {
    if (unconfirmed_in == 0 || --unconfirmed_in > 0) return false;
    struck(Act::write_unconfirmed);
    return true;
}

void World::hide(ports::Vms& vms) {
    auto const is_missing = [&](core::Vm const& vm) {
        auto const found = missing.find(vm.uuid);
        return found != missing.end() && found->second > time.steady_now();
    };
    if (std::erase_if(vms, is_missing) > 0) struck(Act::vm_missing);
    if (!cluster.list_is_complete) struck(Act::list_incomplete);
}

void World::hook_ran(HookKind kind, ports::HookVariables const& variables) {
    if (!hooks.problem.empty()) struck(Act::hook_fails);
    if (hooks.length > 1min) struck(Act::hook_slow);
    if (kind == HookKind::post_backup && hook_moves && catalog.manifests.contains(variables.backup_name)) {
        remove_by_hand(variables.backup_name);
        struck(Act::hook_moves);
    }
    if (kind != HookKind::post_backup || !hooks.delay) return;
    struck(Act::hooks_delayed);
    ++hook_runs[variables.backup_name];
}

// ---- what the engine says

void World::submitted(core::Job const& job) { promised[job.id] = job.backup; }

void World::note(core::Job const& job) {
    auto& told = told_phases[job.id];
    if (tell && std::exchange(told, job.phase) != job.phase)
        std::cout << "  job " << job.id << " " << job.vm_name << " " << core::name_of(job.phase) << " "
                  << core::name_of(job.outcome) << (job.error ? ": " + job.error->context : std::string()) << std::endl;
    if (job.phase != core::Phase::finished || !ended.insert(job.id).second || job.kind != core::JobKind::backup) return;
    auto const which = "job " + std::to_string(job.id) + " (" + job.backup + ")";
    if (job.outcome != core::Outcome::succeeded) {
        failed_at[job.vm] = time.steady_now();
        return;
    }
    ++successes;
    if (!job.scheduled)
        for (auto const& attempt : writing)
            exports[attempt].given_up = exports[attempt].given_up || exports[attempt].vm == job.vm;
    failed_at.erase(job.vm);
    if (cancelled.contains(job.id)) broken('d', which + " was cancelled and has succeeded");
    auto const found = exports.find(job.attempt);
    if (found == exports.end()) return broken('e', which + " succeeded without an export");
    look_at_tasks();
    auto const& mine = found->second;
    if (mine.cut && job.end == core::ExportEnd::seen) broken('e', which + " ended early, and its end was 'seen'");
    if (mine.touched || mine.cut) return;
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
    if (paused && life->scheduler->paused() != *paused) broken('d', "pause was answered and is forgotten");
}

void World::check() {
    look_at_tasks();
    if (below.marks_made > 0 || !below.manifests.empty()) broken('h', "something was written below the absent share");
    if (!is_running() || !life->is_up || violation) return;
    check_lists();
    check_due();
}

void World::check_lists() {
    std::optional<Result<std::vector<core::Backup>>> listed;
    ask<Result<std::vector<core::Backup>>>(life->engine->list_backups(),
                                           [&](auto const& backups) { listed = backups; });
    time.settle();
    // The answer comes immediately, or never: then the kill struck.
    if (!listed || !*listed) return;
    for (auto const& backup : **listed) {
        bool const is_unfinished = backup.state == core::BackupState::exporting;
        if (core::is_landing_folder(backup.name)) broken('h', "'" + backup.name + "' is listed as a backup");
        if (core::is_landing_folder(backup.folder) && !is_unfinished)
            broken('h', "'" + backup.folder + "' is listed as a backup");
    }
}

// ---- the schedule

void World::check_due() {
    auto const steady = time.steady_now();
    if (steady - disturbed_at < look || share_gone || share_read_only || cluster.unreachable || journal.full) return;
    if (catalog.mark_unreadable || catalog.room.free_bytes == 0 || !cluster.list_is_complete) return;
    if (paused.value_or(true)) return;
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
    for (auto const holds_all : {exports_failing, exports_not_started, cluster_login_refused})
        if (stands(holds_all, "")) return;
    for (auto const& vm : cluster.vms) {
        if (busy.contains(vm.uuid) || missing.contains(vm.uuid)) continue;
        if (auto const known = known_since.find(vm.uuid); known != known_since.end() && steady - known->second < look)
            continue;
        if (auto const failed = failed_at.find(vm.uuid);
            failed != failed_at.end() && steady - failed->second < 65min + look)
            continue;
        if (stands(core::ConditionKind::backup_moved_away, vm.uuid.text())) continue;
        // A success counts for its interval, whatever a person has then done with the copy.
        if (auto const gone = taken_away.find(vm.uuid); gone != taken_away.end() && steady - gone->second < 25h)
            continue;
        ++due_checks;
        auto const newest_allowed = wall - 24h - look;
        bool const is_served = std::ranges::any_of(catalog.manifests, [&](auto const& entry) {
            auto const& manifest = entry.second;
            return manifest.vm_uuid == vm.uuid && manifest.scheduled && manifest.started > newest_allowed &&
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
    if (!is_running() || !life->is_up) return broken('g', "the daemon does not start");
    for (auto const& [id, run] : journal.runs)
        if (run.phase != core::RunPhase::finished && run.id + 3 < journal.runs.rbegin()->first)
            return broken('g', "run " + std::to_string(id) + " never ends");
    for (auto const& [id, hook] : journal.owed)
        if (time.now() - hook.since > 48h) return broken('g', "the hook of job " + std::to_string(id) + " stays owed");
    for (auto const& [folder, manifest] : catalog.landed)
        return broken('g', "'" + folder + "' is complete and never gets its name");
    auto const has_future_copy = [&](std::string const& vm) {
        return std::ranges::any_of(catalog.manifests, [&](auto const& entry) {
            return entry.second.vm_uuid.text() == vm && entry.second.started > time.now() + 5min;
        });
    };
    for (auto const& condition : life->conditions->all())
        if (!is_about_a_copy(condition.kind) &&
            (condition.kind != core::ConditionKind::copy_from_the_future || !has_future_copy(condition.subject)))
            return broken('g', "a condition stands without a cause: " + condition.reason);
    for (auto const& vm : cluster.vms) {
        bool const is_served = std::ranges::any_of(catalog.manifests, [&](auto const& entry) {
            return entry.second.vm_uuid == vm.uuid && entry.second.started > time.now() - 49h &&
                   !catalog.unreadable.contains(entry.first);
        });
        if (!is_served) return broken('g', vm.name + " is not backed up any longer");
    }
}

}  // namespace sb::test::adversary
