// The moves of people at the command line, and the table of all moves.
#include "tests/simulation/adversary_moves.hpp"

namespace sb::test::adversary {

namespace moves {

bool cancel(World& world, Random& random) {
    auto const* const job = world.some_job(random, true);
    if (job == nullptr || !world.is_up()) return false;
    auto const id = job->id;
    world.ask<Result<engine::Cancelled>>(world.life->engine->cancel(id), [&world, id](auto const& answer) {
        if (!answer) return world.postpone(Act::cancel);
        world.cancelled.insert(id);
        world.struck(Act::cancel);
    });
    return true;
}
static void backup_as(World& world, VmUuid const& vm, std::string name, Act act) {
    world.ask<Result<core::Job>>(world.life->engine->submit_backup(vm.text(), std::move(name)),
                                 [&world, act](auto const& job) {
                                     if (job) world.submitted(*job);
                                     else world.guards.refused("backup: " + std::string(name_of(job.error().code)));
                                     bool const is_met = job.has_value() == (act == Act::manual_backup);
                                     if (is_met) world.struck(act);
                                     else world.postpone(act);
                                 });
}
bool manual_backup(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    if (vm == nullptr || !world.is_up()) return false;
    backup_as(world, vm->uuid, "manual " + std::to_string(world.next_name()), Act::manual_backup);
    return true;
}
/// Names that are taken, or about to be.
bool manual_name_again(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    auto name = world.some_copy(random);
    if (auto const* const job = world.some_job(random, true); job != nullptr) name = job->backup;
    if (vm == nullptr || name.empty() || !world.is_up()) return false;
    if (chance(random, 50)) name = upper(name);
    backup_as(world, vm->uuid, name, Act::manual_name_again);
    return true;
}
bool restore(World& world, Random& random) {
    auto const name = world.some_copy(random);
    auto const* const mine = world.export_in(name);
    bool const is_good = mine != nullptr && mine->whole && !world.catalog.unreadable.contains(name);
    if (!is_good || !world.is_up() || world.cluster.vms.size() >= 9) return false;
    auto const vm = "restored " + std::to_string(world.next_name());
    world.ask<Result<core::Job>>(world.life->engine->submit_restore(name, vm), [&world](auto const& job) {
        if (job) return world.submitted(*job);
        world.guards.refused("restore: " + std::string(name_of(job.error().code)));
        world.postpone(Act::restore);
    });
    return true;
}
/// Whether a VM has more than one copy that counts.
static bool has_surplus(World const& world) {
    std::map<VmUuid, int> counted;
    for (auto const& [name, manifest] : world.catalog.manifests) {
        bool const is_ruled = manifest.scheduled && !manifest.is_protected && manifest.backup == name;
        auto const found = world.exports.find(manifest.attempt);
        if (!is_ruled || !core::is_end_known(manifest) || found == world.exports.end()) continue;
        bool const is_ours = found->second.at == &world.cluster && World::is_living(found->second);
        if (is_ours && ++counted[manifest.vm_uuid] > 1) return true;
    }
    return false;
}
/// A person allows fewer copies for a moment and does not wait for the clean-up.
bool prune(World& world, Random&) {
    if (!world.is_up() || !has_surplus(world)) return false;
    world.settings.policy.max_backups = 1;
    world.disturb();
    world.ask<Result<engine::Pruned>>(world.life->scheduler->clean_up().prune(true), [&world](auto const& pruned) {
        world.settings.policy.max_backups = 3;
        if (pruned && !pruned->deleted.empty()) return world.struck(Act::prune);
        if (!pruned) world.guards.refused("prune: " + std::string(name_of(pruned.error().code)));
        world.postpone(Act::prune);
    });
    return true;
}
static void ask_for_pause(World& world, bool wanted) {
    world.paused.reset();
    world.disturb();
    world.ask<Result<void>>(world.life->scheduler->set_paused(wanted), [&world, wanted](auto const& done) {
        if (!done) return world.postpone(Act::pause);
        world.paused = wanted;
        world.struck(Act::pause);
    });
}
/// And `resume` some hours later.
bool pause(World& world, Random& random) {
    if (!world.is_up()) return false;
    bool const wanted = !world.life->scheduler->paused();
    ask_for_pause(world, wanted);
    if (!wanted) return true;
    world.heal_after(some_time(random, 8h), [&world] {
        if (world.is_up() && world.life->scheduler->paused()) ask_for_pause(world, false);
    });
    return true;
}
bool start_run(World& world, Random&) {
    if (!world.is_up()) return false;
    world.ask<Result<engine::RunStarted>>(world.life->scheduler->start_now(), [&world](auto const& run) {
        if (run) return world.struck(Act::start_run);
        world.guards.refused("schedule: " + std::string(name_of(run.error().code)));
        world.postpone(Act::start_run);
    });
    return true;
}

/// As `scale-backupctl delete`: a person may delete any copy, also the last one.
bool delete_copy(World& world, Random& random) {
    auto const name = world.some_copy(random);
    auto const* const mine = world.export_in(name);
    if (!world.is_up() || mine == nullptr || mine->at != &world.cluster) return false;
    auto const remove = [](World& here, std::string backup, bool immediately) -> task<Result<ports::Removal>> {
        auto const lease = here.life->engine->leases().take(backup);
        if (!lease) co_return Error{Errc::refused, "in use"};
        auto const objection = co_await here.life->engine->objection_to_deleting();
        if (!objection.empty()) co_return Error{Errc::refused, objection};
        auto const found = co_await here.life->catalog.find(backup);
        if (!found) co_return found.error();
        here.deleted_by_person.insert(backup);
        core::Backup copy = *found;
        auto removed =
            co_await here.life->scheduler->clean_up().remove(std::move(copy), std::string("a person"), immediately);
        if (!removed) here.deleted_by_person.erase(backup);
        co_return removed;
    };
    world.ask<Result<ports::Removal>>(remove(world, name, chance(random, 30)), [&world](auto const& removed) {
        world.disturb();
        if (removed) return world.struck(Act::delete_copy);
        world.guards.refused("delete: " + std::string(name_of(removed.error().code)));
        world.postpone(Act::delete_copy);
    });
    return true;
}
bool undelete(World& world, Random& random) {
    if (!world.is_up()) return false;
    auto const entries = world.life->trash->entries();
    if (entries.empty()) return false;
    auto const entry = entries[random() % entries.size()];
    world.ask<Result<std::string>>(world.life->trash->undelete(entry.entry), [&world](auto const& name) {
        world.disturb();
        if (!name) return world.postpone(Act::undelete);
        if (!world.catalog.manifests.contains(*name)) return;  // removed by hand meanwhile
        world.deleted_by_person.erase(*name);
        if (!world.catalog.manifests[*name].is_protected)
            world.broken('a', "'" + *name + "' was taken back and is not protected");
        // Otherwise protected copies would be all that is left in the end.
        world.catalog.manifests[*name].is_protected = false;
        world.struck(Act::undelete);
    });
    return true;
}
/// Of an export whose end the cluster never reported. A person accepts after a test restore, so never a broken one.
bool accept(World& world, Random& random) {
    std::vector<std::string> doubtful;
    for (auto const& [name, manifest] : world.catalog.manifests) {
        auto const* const mine = world.export_in(name);
        bool const is_good = mine != nullptr && mine->whole && !world.catalog.unreadable.contains(name);
        if (is_good && !core::is_end_known(manifest)) doubtful.push_back(name);
    }
    if (doubtful.empty()) {  // so that there will be some
        constexpr unsigned rarely = 200;
        if (random() % rarely == 0)
            world.at_export.push_back({Act::tags_expire, static_cast<std::uint32_t>(random()), 0ms});
        return false;
    }
    world.catalog.manifests[doubtful[random() % doubtful.size()]].accepted = world.time.now();
    world.disturb();
    if (world.is_up()) world.life->scheduler->folders_changed();
    world.struck(Act::accept);
    return true;
}

/// A VM that is gone and has copies is continued by one that is there; later a person may take that back.
bool link(World& world, Random& random) {
    std::vector<VmUuid> gone;
    for (auto const& [name, manifest] : world.catalog.manifests) {
        auto const* const mine = world.export_in(name);
        if (mine != nullptr && mine->at == &world.cluster && !World::is_living(*mine)) gone.push_back(mine->vm);
    }
    auto const* const later = world.some_vm(random);
    if (gone.empty() || later == nullptr || !world.is_up()) return false;
    auto const earlier = gone[random() % gone.size()];
    auto& links = world.life->scheduler->links();
    if (world.links.contains(earlier)) {
        auto const before = world.links[earlier];
        world.links.erase(earlier);
        world.ask<Result<void>>(links.remove(earlier), [&world, earlier, before](auto const& done) {
            world.disturb();
            if (done) world.struck(Act::link);
            else world.links[earlier] = before;
        });
        return true;
    }
    core::VmLink const wanted{earlier, later->uuid, world.cluster.is.uuid, world.time.now()};
    world.ask<Result<void>>(links.add(wanted), [&world, wanted](auto const& done) {
        world.disturb();
        if (!done) return world.postpone(Act::link);
        world.links[wanted.earlier] = wanted.later;
        world.life->scheduler->folders_changed();
        world.struck(Act::link);
    });
    return true;
}

bool wait(World& world, Random&) {
    world.struck(Act::wait);
    return true;
}
bool calm(World& world, Random&) {
    world.calm();
    world.struck(Act::calm);
    return true;
}

}  // namespace moves

namespace {

struct Row {
    Act act;
    char const* name;
    std::uint32_t weight;
    Moment moment;
    bool (*strike)(World&, std::mt19937&);
};

// clang-format off
#define SB_ROW(name, weight, moment) \
    Row { Act::name, #name, weight, Moment::moment, moves::name }
Row const table[] = {
    SB_ROW(wait, 2, now),
    SB_ROW(calm, 0, now),
    SB_ROW(remove_copy, 5, now),
    SB_ROW(remove_landing, 6, exporting),
    SB_ROW(copy_by_hand, 5, now),
    SB_ROW(rename_by_hand, 5, now),
    SB_ROW(foreign_folder, 5, now),
    SB_ROW(take_name, 6, exporting),
    SB_ROW(damage_manifest, 5, now),
    SB_ROW(small_step, 5, now),
    SB_ROW(large_step, 5, now),
    SB_ROW(set_clock_right, 5, now),
    SB_ROW(hide_cluster_clock, 5, now),
    SB_ROW(kill, 16, now),
    SB_ROW(stop, 5, now),
    SB_ROW(boot, 5, now),
    SB_ROW(share_full, 5, now),
    SB_ROW(share_read_only, 6, exporting),
    SB_ROW(share_gone, 5, now),
    SB_ROW(share_hangs, 6, exporting),
    SB_ROW(folder_unreadable, 6, exporting),
    SB_ROW(rename_refused, 6, exporting),
    SB_ROW(owner_file_removed, 5, now),
    SB_ROW(journal_full, 6, exporting),
    SB_ROW(journal_slow, 6, exporting),
    SB_ROW(write_fails, 7, now),
    SB_ROW(write_unconfirmed, 5, now),
    SB_ROW(journal_lost, 5, now),
    SB_ROW(journal_put_back, 5, now),
    SB_ROW(answer_lost, 5, order),
    SB_ROW(request_lost, 5, order),
    SB_ROW(answer_late, 5, order),
    SB_ROW(answer_ambiguous, 5, order),
    SB_ROW(order_refused, 5, order),
    SB_ROW(task_fails, 5, order),
    SB_ROW(task_stuck, 6, exporting),
    SB_ROW(task_queued, 6, exporting),
    SB_ROW(tags_expire, 6, exporting),
    SB_ROW(tasks_unlisted, 5, now),
    SB_ROW(task_of_other_user, 5, now),
    SB_ROW(cluster_unreachable, 5, now),
    SB_ROW(cluster_updates, 5, now),
    SB_ROW(list_incomplete, 6, now),
    SB_ROW(vm_missing, 6, now),
    SB_ROW(vm_added, 5, now),
    SB_ROW(vm_deleted, 11, now),
    SB_ROW(hooks_change, 5, now),
    SB_ROW(hook_fails, 6, exporting),
    SB_ROW(hook_slow, 7, exporting),
    SB_ROW(hooks_delayed, 6, exporting),
    {Act::copy_unreadable, "copy_unreadable", 6, Moment::reading, nullptr},
    SB_ROW(image_cut, 6, exporting),
    SB_ROW(hook_moves, 7, exporting),
    {Act::clean_up_disturbed, "clean_up_disturbed", 6, Moment::reading, nullptr},
    SB_ROW(cancel, 6, exporting),
    SB_ROW(manual_backup, 7, now),
    SB_ROW(manual_name_again, 5, now),
    SB_ROW(restore, 6, now),
    SB_ROW(prune, 7, now),
    SB_ROW(pause, 5, now),
    SB_ROW(start_run, 6, now),
    SB_ROW(delete_copy, 5, now),
    SB_ROW(undelete, 5, now),
    SB_ROW(accept, 6, now),
    SB_ROW(link, 5, now),
    SB_ROW(retention, 5, now),
    SB_ROW(concurrency, 5, now),
    SB_ROW(window, 5, now),
    SB_ROW(interval, 5, now),
    SB_ROW(tag, 5, now),
    SB_ROW(limits, 5, now),
    SB_ROW(undelete_time, 5, now),
    SB_ROW(reload, 5, now),
    SB_ROW(other_cluster, 5, now),
    SB_ROW(second_installation, 5, now),
};
#undef SB_ROW
// clang-format on
static_assert(std::size(table) == acts);

}  // namespace

char const* name_of(Act act) { return table[static_cast<std::size_t>(act)].name; }
std::uint32_t weight_of(Act act) { return table[static_cast<std::size_t>(act)].weight; }
Moment moment_of(Act act) { return table[static_cast<std::size_t>(act)].moment; }
bool strike(World& world, Act act, std::mt19937& random) {
    return table[static_cast<std::size_t>(act)].strike(world, random);
}

void World::add_vm() {
    auto const name = "VM" + std::to_string(next_name());
    cluster.add_vm(name);
    auto& vm = cluster.vms.back();
    vm.uuid = VmUuid{"uuid-" + name};
    known_since[vm.uuid] = time.steady_now();
    cluster.lengths[name] = std::chrono::minutes(1 + names_ * 37 % 40);
}

void World::remove_by_hand(std::string const& backup) {
    if (auto* const mine = export_in(backup)) mine->touched = true;
    moves::forget(catalog, backup);
    disturb();
}

core::Vm const* World::some_vm(Random& random) const {
    return cluster.vms.empty() ? nullptr : &cluster.vms[random() % cluster.vms.size()];
}
std::string World::some_copy(Random& random) const { return moves::some_key(catalog.manifests, random); }

/// `exporting`: unfinished; else one whose export did not succeed.
core::Job const* World::some_job(Random& random, bool exporting) const {
    std::vector<core::Job const*> all;
    for (auto job = journal.jobs.rbegin(); job != journal.jobs.rend() && all.size() < 20; ++job) {
        auto const& each = job->second;
        bool const is_unfinished = each.phase != core::Phase::finished;
        if (each.kind != core::JobKind::backup || each.attempt.empty() || is_unfinished != exporting) continue;
        if (exporting || each.outcome != core::Outcome::succeeded) all.push_back(&each);
    }
    return all.empty() ? nullptr : all[random() % all.size()];
}

}  // namespace sb::test::adversary
