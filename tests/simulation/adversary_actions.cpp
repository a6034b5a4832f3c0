// The moves of people, the daemon's end, and the table of all moves.
#include "tests/simulation/adversary_moves.hpp"

namespace sb::test::adversary {

namespace moves {

// ---- clocks

static void step_clock(World& world, Milliseconds by) {
    world.time.jump_wall_clock(by);
    world.wrong_by += by;
    world.disturb();
}
void small_step(World& world, Random& random) {
    step_clock(world, some_time(random, 4h) - 2h);
    world.struck(Act::small_step);
}
void large_step(World& world, Random& random) {
    auto const by = some_time(random, chance(random, 80) ? 24h * 12 : 24h * 2000);
    step_clock(world, chance(random, 30) ? -by : by);
    world.heal_after(some_time(random, 30h), [&world] { world.set_right_clock(); });
    world.struck(Act::large_step);
}
void set_clock_right(World& world, Random&) {
    if (world.wrong_by == 0ms) return;
    world.set_right_clock();
    world.disturb();
    world.struck(Act::set_clock_right);
}
void hide_cluster_clock(World& world, Random& random) {
    if (!world.cluster.shows_clock()) return;
    world.cluster.hide_clock();
    world.heal_after(some_time(random, 30h), [&world] { world.cluster.show_clock(world.time.now() - world.wrong_by); });
    world.struck(Act::hide_cluster_clock);
}

// ---- the daemon's end

void kill(World& world, Random& random) {
    if (!world.is_running()) return;
    world.stopping = Act::kill;
    if (chance(random, 20)) {
        world.kill_now();
        return world.struck(Act::kill);
    }
    world.gate.kill_at(static_cast<int>(1 + random() % (chance(random, 50) ? 12 : 300)));
}
void stop(World& world, Random& random) {
    world.stop();
    world.struck(Act::stop);
    if (chance(random, 60)) world.start();
}
/// Of the machine with the share, which loses what is not flushed.
void boot(World& world, Random&) {
    world.kill_now();
    world.catalog.boot = world.below.boot = "boot " + std::to_string(++world.boots);
    world.look_at_tasks();
    for (auto& [attempt, mine] : world.exports)
        if (world.catalog.folders.contains(mine.landing) && !world.catalog.landed.contains(mine.landing))
            mine.flushed = false;
    world.struck(Act::boot);
}

// ---- hooks

void hooks_change(World& world, Random& random) {
    auto& set = world.hooks.set;
    for (auto const kind :
         {HookKind::pre_backup, HookKind::post_backup, HookKind::pre_schedule, HookKind::post_schedule})
        if (chance(random, 50)) set.insert(kind);
        else set.erase(kind);
    world.hooks.must_succeed = chance(random, 50);
    world.disturb();
    world.struck(Act::hooks_change);
}
void hook_fails(World& world, Random& random) {
    world.hooks.problem = "the hook ended with 1";
    world.heal_after(fault_length(random), [&world] { world.hooks.problem.clear(); });
}
void hook_slow(World& world, Random& random) {
    world.hooks.length = some_time(random, 1h);
    world.heal_after(fault_length(random), [&world] { world.hooks.length = Milliseconds{0}; });
}
void hooks_delayed(World& world, Random&) { world.hooks.delay = !world.hooks.delay; }
void hook_moves(World& world, Random& random) {
    world.hook_moves = true;
    world.hooks.set.insert(HookKind::post_backup);
    world.heal_after(fault_length(random), [&world] { world.hook_moves = false; });
}
void clean_up_disturbed(World& world, Random& random) { world.disturbed_in = static_cast<int>(1 + random() % 3); }

// ---- commands

void cancel(World& world, Random& random) {
    auto const* const job = world.some_job(random, true);
    if (job == nullptr || !world.is_running() || !world.life->is_up) return;
    auto const id = job->id;
    world.ask<Result<engine::Cancelled>>(world.life->engine->cancel(id), [&world, id](auto const& answer) {
        if (!answer) return;
        world.cancelled.insert(id);
        world.struck(Act::cancel);
    });
}
static void backup_as(World& world, VmUuid const& vm, std::string name, Act act) {
    if (!world.is_running() || !world.life->is_up) return;
    world.ask<Result<core::Job>>(world.life->engine->submit_backup(vm.text(), std::move(name)),
                                 [&world, act](auto const& job) {
                                     if (job) world.submitted(*job);
                                     if (job.has_value() == (act == Act::manual_backup)) world.struck(act);
                                 });
}
void manual_backup(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    if (vm != nullptr) backup_as(world, vm->uuid, "manual " + std::to_string(world.next_name()), Act::manual_backup);
}
/// Names that are taken, or about to be.
void manual_name_again(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    auto name = world.some_copy(random);
    if (auto const* const job = world.some_job(random, true); job != nullptr) name = job->backup;
    if (vm == nullptr || name.empty()) return;
    if (chance(random, 50)) name = upper(name);
    backup_as(world, vm->uuid, name, Act::manual_name_again);
}
void restore(World& world, Random& random) {
    auto const name = world.some_copy(random);
    if (name.empty() || !world.is_running() || !world.life->is_up || world.cluster.vms.size() >= 9) return;
    auto const vm = "restored " + std::to_string(world.next_name());
    world.ask<Result<core::Job>>(world.life->engine->submit_restore(name, vm), [&world](auto const& job) {
        if (job) world.submitted(*job);
    });
}
void prune(World& world, Random& random) {
    if (!world.is_running() || !world.life->scheduler) return;
    world.ask<Result<engine::Pruned>>(world.life->scheduler->clean_up().prune(chance(random, 50)),
                                      [&world](auto const& pruned) {
                                          if (pruned && !pruned->deleted.empty()) world.struck(Act::prune);
                                      });
}
void pause(World& world, Random& random) {
    if (!world.is_running() || !world.life->scheduler) return;
    bool const wanted = chance(random, 30);
    bool const before = world.life->scheduler->paused();
    world.paused.reset();
    world.disturb();
    world.ask<Result<void>>(world.life->scheduler->set_paused(wanted), [&world, wanted, before](auto const& done) {
        if (done) world.paused = wanted;
        if (done && wanted != before) world.struck(Act::pause);
    });
}
void start_run(World& world, Random&) {
    if (!world.is_running() || !world.life->scheduler) return;
    world.ask<Result<engine::RunStarted>>(world.life->scheduler->start_now(), [&world](auto const& run) {
        if (run) world.struck(Act::start_run);
    });
}

/// As `scale-backupctl delete`: a person may delete any copy, also the last one.
void delete_copy(World& world, Random& random) {
    auto const name = world.some_copy(random);
    if (name.empty() || !world.is_running() || !world.life->scheduler || chance(random, 50)) return;
    auto const remove = [](World& mine, std::string backup, bool immediately) -> task<Result<ports::Removal>> {
        auto const lease = mine.life->engine->leases().take(backup);
        if (!lease) co_return Error{Errc::refused, "in use"};
        auto const found = co_await mine.gated_catalog.find(backup);
        if (!found) co_return found.error();
        mine.deleted_by_person.insert(backup);
        core::Backup copy = *found;
        co_return co_await mine.life->trash->remove(std::move(copy), std::string("a person"), immediately);
    };
    world.ask<Result<ports::Removal>>(remove(world, name, chance(random, 30)), [&world](auto const& removed) {
        world.disturb();
        if (removed) world.struck(Act::delete_copy);
    });
}
void undelete(World& world, Random& random) {
    if (!world.is_running() || !world.life->trash) return;
    auto const entries = world.life->trash->entries();
    if (entries.empty()) return;
    auto const entry = entries[random() % entries.size()];
    world.ask<Result<std::string>>(world.life->trash->undelete(entry.entry), [&world](auto const& name) {
        world.disturb();
        if (!name) return;
        world.deleted_by_person.erase(*name);
        if (!world.catalog.manifests[*name].is_protected)
            world.broken('a', "'" + *name + "' was taken back and is not protected");
        // Otherwise protected copies would be all that is left in the end.
        world.catalog.manifests[*name].is_protected = false;
        world.struck(Act::undelete);
    });
}
void accept(World& world, Random& random) {
    auto const name = world.some_copy(random);
    auto const* const mine = world.export_in(name);
    // A person accepts after a test restore, so never a broken one.
    if (mine == nullptr || !mine->whole || world.catalog.manifests[name].end == core::ExportEnd::seen) return;
    world.catalog.manifests[name].accepted = world.time.now();
    world.disturb();
    world.struck(Act::accept);
}

// ---- settings

static void changed(World& world, Act act) {
    world.disturb();
    world.struck(act);
    if (world.is_running() && world.life->scheduler) world.life->scheduler->check_again();
}
void retention(World& world, Random& random) {
    world.settings.policy = {};
    if (chance(random, 80)) world.settings.policy.max_backups = static_cast<int>(1 + random() % 3);
    if (chance(random, 50))
        world.settings.policy.max_age = config::CivilDuration{1 + static_cast<int>(random() % 20), 0s};
    changed(world, Act::retention);
}
void concurrency(World& world, Random& random) {
    world.settings.settings.slots = static_cast<int>(1 + random() % 4);
    if (world.is_running() && world.life->engine)
        world.life->engine->set_concurrency(static_cast<std::size_t>(world.settings.settings.slots));
    changed(world, Act::concurrency);
}
void window(World& world, Random& random) {
    core::DailyWindow const some[] = {{17h, 6h}, {0h, 0h}, {8h, 20h}, {22h, 4h}, {13h, 13h}};
    world.settings.settings.timing.window = some[random() % std::size(some)];
    changed(world, Act::window);
}
void wait(World& world, Random&) { world.struck(Act::wait); }

void calm(World& world, Random&) {
    world.calm();
    world.struck(Act::calm);
}

}  // namespace moves

namespace {

struct Row {
    Act act;
    char const* name;
    std::uint32_t weight;
    void (*strike)(World&, std::mt19937&);
};

#define SB_ROW(name, weight) \
    Row { Act::name, #name, weight, moves::name }
Row const table[] = {
    SB_ROW(wait, 10),
    SB_ROW(calm, 0),
    SB_ROW(remove_copy, 2),
    SB_ROW(remove_landing, 2),
    SB_ROW(copy_by_hand, 3),
    SB_ROW(rename_by_hand, 3),
    SB_ROW(foreign_folder, 5),
    SB_ROW(take_name, 8),
    SB_ROW(damage_manifest, 3),
    SB_ROW(small_step, 3),
    SB_ROW(large_step, 3),
    SB_ROW(set_clock_right, 4),
    SB_ROW(hide_cluster_clock, 4),
    SB_ROW(kill, 20),
    SB_ROW(stop, 4),
    SB_ROW(boot, 5),
    SB_ROW(share_full, 3),
    SB_ROW(share_read_only, 3),
    SB_ROW(share_gone, 3),
    SB_ROW(folder_unreadable, 6),
    SB_ROW(rename_refused, 4),
    SB_ROW(journal_full, 3),
    SB_ROW(journal_slow, 4),
    SB_ROW(write_fails, 8),
    SB_ROW(write_unconfirmed, 6),
    SB_ROW(answer_lost, 6),
    SB_ROW(request_lost, 6),
    SB_ROW(answer_late, 3),
    SB_ROW(answer_ambiguous, 6),
    SB_ROW(order_refused, 5),
    SB_ROW(task_fails, 6),
    SB_ROW(task_stuck, 5),
    SB_ROW(task_queued, 5),
    SB_ROW(tags_expire, 8),
    SB_ROW(tasks_unlisted, 4),
    SB_ROW(task_of_other_user, 5),
    SB_ROW(cluster_unreachable, 4),
    SB_ROW(list_incomplete, 3),
    SB_ROW(vm_missing, 5),
    SB_ROW(vm_added, 4),
    SB_ROW(vm_deleted, 4),
    SB_ROW(hooks_change, 3),
    SB_ROW(hook_fails, 4),
    SB_ROW(hook_slow, 4),
    SB_ROW(hooks_delayed, 3),
    SB_ROW(copy_unreadable, 12),
    SB_ROW(image_cut, 8),
    SB_ROW(hook_moves, 6),
    SB_ROW(clean_up_disturbed, 6),
    SB_ROW(cancel, 10),
    SB_ROW(manual_backup, 10),
    SB_ROW(manual_name_again, 4),
    SB_ROW(restore, 5),
    SB_ROW(prune, 5),
    SB_ROW(pause, 4),
    SB_ROW(start_run, 3),
    SB_ROW(delete_copy, 3),
    SB_ROW(undelete, 4),
    SB_ROW(accept, 3),
    SB_ROW(retention, 3),
    SB_ROW(concurrency, 3),
    SB_ROW(window, 3),
};
#undef SB_ROW
static_assert(std::size(table) == acts);

}  // namespace

char const* name_of(Act act) { return table[static_cast<std::size_t>(act)].name; }
std::uint32_t weight_of(Act act) { return table[static_cast<std::size_t>(act)].weight; }
void strike(World& world, Act act, std::mt19937& random) { table[static_cast<std::size_t>(act)].strike(world, random); }

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
