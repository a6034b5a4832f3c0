// What the daemons do to the world, and what of it breaks a promise: the letters are those of adversary_invariants.cpp.
#include "tests/simulation/adversary_moves.hpp"
#include "tests/simulation/adversary_neighbour.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

namespace sb::test::adversary {

namespace {

/// The schedule's own names begin with a date, those of people with a letter.
bool is_name_of_schedule(std::string const& folder) { return !folder.empty() && folder[0] >= '0' && folder[0] <= '9'; }

}  // namespace

// ---- what the engine does to the world

void World::ordered(ports::ExportOrder const& order) {
    ordered_by(*this, cluster, journal, order);
    auto const vm = std::ranges::find(cluster.vms, order.vm, &core::Vm::uuid);
    if (vm == cluster.vms.end() || cluster.unreachable) return;
    strike_order(vm->name);
}

void World::ordered_by(Observer const& by, FakeCluster const& at, FakeJournal const& records,
                       ports::ExportOrder const& order) {
    auto const attempt = core::attempt_of(order.folder);
    if (tell) std::cout << "  ordered " << order.folder << (&by == this ? "" : " (neighbour)") << std::endl;
    if (attempt.empty()) return broken('c', "an export into '" + order.folder + "', which is not a landing folder");
    auto const* const job = job_in(records, attempt);
    bool const hook_was_between = job != nullptr && job->pre_hook;
    if (share_gone && !hook_was_between)
        broken('h', "an export into '" + order.folder + "' was ordered while the share was not mounted");
    auto const known = exports.find(attempt);
    if (known != exports.end() && !known->second.forgotten)
        return broken('c', "the export into '" + order.folder + "' was ordered twice");
    bool const by_schedule = is_name_of_schedule(order.folder);
    look_at_tasks();
    bool const hides_tasks = !at.knows_tags || !at.lists_tasks || !at.vms_know_tasks;
    for (auto const& other : writing) {
        auto const& mine = exports[other];
        if (by_schedule && mine.by == &by && mine.vm == order.vm && !hides_tasks && !mine.given_up)
            broken('c',
                   "'" + order.folder + "' was ordered while the cluster was still writing '" + mine.landing + "'");
    }
    Export mine;
    mine.by = &by;
    mine.at = &at;
    mine.landing = order.folder;
    mine.vm = order.vm;
    mine.scheduled = by_schedule;
    exports[attempt] = mine;
}

/// The cluster has accepted it.
void World::begun_at(FakeCluster& at, FakeCluster::Run const& run) {
    auto* const mine = export_of(run.folder);
    if (mine == nullptr) return;
    mine->tag = run.tag;
    mine->given_up = !at.knows_tags;
    writing.insert(core::attempt_of(run.folder));
    catalog.folders.insert(run.folder);
    if (&at != &cluster || at_export.empty()) return;
    auto const next = at_export.front();
    at_export.pop_front();
    auto const strike_later = [](World& world, Move move, SteadyTime when) -> task<void> {
        co_await world.time.sleep_until(when);
        if (world.is_calm) co_return;
        std::mt19937 random(move.seed);
        bool const has_struck = strike(world, move.act, random);
        if (!has_struck) world.postpone(move.act);
    };
    auto const part = 5 + next.seed % 80;
    people->spawn(strike_later(*this, next, time.steady_now() + run.length * part / 100));
}

void World::importing(ports::ImportOrder const&) { struck(Act::restore); }

FakeCatalog& World::share() {
    if (share_gone) met(Act::share_gone);
    else if (catalog.room.free_bytes == 0) met(Act::share_full);
    return share_gone ? below : catalog;
}

/// One of those that lie in wait for an order.
void World::strike_order(std::string const& vm) {
    if (at_order.empty()) return;
    auto const next = at_order.front();
    at_order.pop_front();
    std::mt19937 random(next.seed);
    ordering = vm;
    strike(*this, next.act, random);
    ordering.clear();
}

task<void> World::hang() {
    if (hangs_until <= time.steady_now()) co_return;
    met(Act::share_hangs);
    while (hangs_until > time.steady_now()) {  // it may end earlier than it was to
        auto const next = std::min(hangs_until, time.steady_now() + Milliseconds{1min});
        co_await time.sleep_until(next);
    }
}

std::optional<Error> World::why_not_whole(std::string const& folder) {
    look_at_tasks();
    auto const* const mine = export_of(folder);
    if (mine == nullptr || mine->whole || mine->cut) return std::nullopt;
    return Error{Errc::incomplete_backup, "the image ends early"};
}

std::optional<Error> World::why_not_removable() {
    if (!share_read_only) return std::nullopt;
    met(Act::share_read_only);
    return Error{Errc::io, "read-only file system"};
}

void World::removing(std::string const& folder) { removing_by(*this, folder); }

void World::removing_by(Observer const& by, std::string const& folder) {
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
    FakeCluster const& its_cluster = &by == other.get() ? other->cluster() : cluster;
    if (mine->at != &its_cluster) return broken('b', "'" + folder + "' is of another cluster and was deleted");
    auto copies = restorable_copies(mine->vm);
    bool const is_restorable = std::ranges::find(copies, folder) != copies.end();
    // What cannot be read now is no reason to let another one go.
    std::erase_if(copies, [&](auto const& copy) { return copy == folder || catalog.cannot_read.contains(copy); });
    auto const later = continued_by(mine->vm);
    if (later && !is_living(*mine)) {
        // It is a copy of the VM that continues this one, as long as that VM has no copy.
        auto const its = restorable_copies(*later);
        copies.insert(copies.end(), its.begin(), its.end());
    }
    if (!is_restorable || !copies.empty() || (!later && !is_living(*mine))) return;
    if (tell) tell_copies(mine->vm);
    broken('a', "'" + folder + "', the last restorable copy of " + mine->vm.text() + ", was deleted");
}

/// For replaying a seed.
void World::tell_copies(VmUuid const& vm) {
    for (auto const& [name, manifest] : catalog.manifests) {
        auto const* const found = export_in(name);
        if (found == nullptr || (found->vm != vm && continued_by(found->vm) != vm)) continue;
        std::cout << "    copy '" << name << "' of " << found->vm.text() << " from " << format_rfc3339(manifest.started)
                  << (manifest.backup == name ? "" : ", renamed") << (manifest.is_protected ? ", protected" : "")
                  << (manifest.scheduled ? "" : ", manual") << (core::is_end_known(manifest) ? "" : ", end not known")
                  << (manifest.damage ? ", damaged" : "") << (found->whole ? "" : ", not whole")
                  << (found->flushed ? "" : ", not flushed") << (found->cut ? ", cut" : "")
                  << (catalog.unreadable.contains(name) ? ", manifest unreadable" : "")
                  << (catalog.cannot_read.contains(name) ? ", cannot be read" : "") << std::endl;
    }
}

/// A copy is read before another one goes that leans on it.
void World::looking(std::string const& folder) {
    auto const* const mine = export_in(folder);
    if (mine == nullptr || at_look.empty()) return;
    auto const next = at_look.front();
    at_look.pop_front();
    struck(next.act);
    if (next.act == Act::clean_up_disturbed) return remove_by_hand(folder);
    catalog.cannot_read[folder] = Error{Errc::io, "input/output error"};
    auto const length = std::chrono::minutes(10 + next.seed % 600);
    heal_after(length, [this, folder] { catalog.cannot_read.erase(folder); });
}

void World::discarding(std::string const& landing) { discarding_by(*this, journal, landing); }

void World::discarding_by(Observer const& by, FakeJournal const& records, std::string const& landing) {
    if (share_gone || !catalog.folders.contains(landing) || catalog.landed.contains(landing)) return;
    ++deletions;
    if (tell) std::cout << "  discarding " << landing << std::endl;
    look_at_tasks();
    auto const* const mine = export_of(landing);
    if (mine == nullptr || mine->tag.empty()) return broken('b', "'" + landing + "' is not ours and was deleted");
    if (mine->by != &by) return broken('b', "'" + landing + "' is another installation's and was deleted");
    auto const* const job = job_in(records, core::attempt_of(landing));
    bool const is_cancelled = job != nullptr && job->cancel_requested;
    if (mine->whole && mine->flushed && !is_cancelled)
        broken('a', "'" + landing + "' holds a whole export and was deleted");
}

void World::rename_answered(Result<std::string> const& name) {
    if (name) return;
    if (catalog.renaming_fails) met(share_read_only ? Act::share_read_only : Act::rename_refused);
}

task<void> World::write() {
    if (journal_takes == 0ms || !gate.is_open()) co_return;
    met(Act::journal_slow);
    auto const done = time.steady_now() + journal_takes;
    co_await time.sleep_until(done);
}

void World::wrote(bool is_written) {
    if (is_written) return;
    disturb();
    met(journal.full ? Act::journal_full : Act::write_fails);
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
    if (std::erase_if(vms, is_missing) > 0) met(Act::vm_missing);
    if (!cluster.list_is_complete) met(Act::list_incomplete);
}

void World::hook_ran(HookKind kind, ports::HookVariables const& variables) {
    if (!hooks.problem.empty()) met(Act::hook_fails);
    if (hooks.length > 1min) met(Act::hook_slow);
    if (kind == HookKind::post_backup && hook_moves && catalog.manifests.contains(variables.backup_name)) {
        remove_by_hand(variables.backup_name);
        met(Act::hook_moves);
    }
    if (kind != HookKind::post_backup || !hooks.delay) return;
    met(Act::hooks_delayed);
    ++hook_runs[variables.backup_name];
}

}  // namespace sb::test::adversary
