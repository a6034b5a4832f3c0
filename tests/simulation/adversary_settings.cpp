// The moves of time, of the daemon's life, of hooks, and of changes of the configuration.
#include "tests/simulation/adversary_moves.hpp"
#include "tests/simulation/adversary_neighbour.hpp"

namespace sb::test::adversary::moves {

// ---- clocks

static void step_clock(World& world, Milliseconds by) {
    world.time.jump_wall_clock(by);
    world.wrong_by += by;
    world.disturb();
}
bool small_step(World& world, Random& random) {
    step_clock(world, some_time(random, 4h) - 2h);
    world.struck(Act::small_step);
    return true;
}
bool large_step(World& world, Random& random) {
    auto const by = some_time(random, chance(random, 80) ? 24h * 12 : 24h * 2000);
    step_clock(world, chance(random, 30) ? -by : by);
    world.heal_after(some_time(random, 30h), [&world] { world.set_right_clock(); });
    world.struck(Act::large_step);
    return true;
}
bool set_clock_right(World& world, Random&) {
    if (world.wrong_by == 0ms) return false;
    world.set_right_clock();
    world.disturb();
    world.struck(Act::set_clock_right);
    return true;
}
bool hide_cluster_clock(World& world, Random& random) {
    if (!world.cluster.shows_clock()) return false;
    world.cluster.hide_clock();
    world.heal_after(some_time(random, 30h), [&world] { world.cluster.show_clock(world.time.now() - world.wrong_by); });
    world.struck(Act::hide_cluster_clock);
    return true;
}

// ---- the daemons' lives

bool kill(World& world, Random& random) {
    if (!world.is_running()) return false;
    world.stopping = Act::kill;
    if (chance(random, 20)) {
        world.kill_now();
        world.struck(Act::kill);
        return true;
    }
    world.gate.kill_at(static_cast<int>(1 + random() % (chance(random, 50) ? 12 : 300)));
    return true;
}
bool stop(World& world, Random& random) {
    if (!world.is_running()) return false;
    world.stop();
    world.struck(Act::stop);
    if (chance(random, 60)) world.start();
    return true;
}
/// Of the machine with the share, which loses what is not flushed, and of all others there.
bool boot(World& world, Random&) {
    if (!world.is_running()) return false;
    world.kill_now();
    for (auto* const each : {world.other.get(), world.twin.get()})
        if (each != nullptr) each->kill();
    world.catalog.boot = world.below.boot = "boot " + std::to_string(++world.boots);
    world.look_at_tasks();
    for (auto& [attempt, mine] : world.exports)
        if (world.catalog.folders.contains(mine.landing) && !world.catalog.landed.contains(mine.landing))
            mine.flushed = false;
    world.struck(Act::boot);
    return true;
}
static bool start_neighbour(World& world, Random& random, bool same_cluster) {
    auto& neighbour = world.neighbour(same_cluster);
    if (neighbour.is_up() || !world.is_up() || world.share_gone) return false;
    neighbour.start();
    bool const is_killed = chance(random, 50);
    world.heal_after(some_time(random, same_cluster ? 4h : 12h), [&neighbour, is_killed] {
        if (is_killed) neighbour.kill();
        else neighbour.stop();
    });
    world.disturb();
    if (!neighbour.is_up()) return false;
    world.struck(same_cluster ? Act::second_installation : Act::other_cluster);
    return true;
}
bool other_cluster(World& world, Random& random) { return start_neighbour(world, random, false); }
bool second_installation(World& world, Random& random) { return start_neighbour(world, random, true); }

// ---- hooks

bool hooks_change(World& world, Random& random) {
    auto& set = world.hooks.set;
    for (auto const kind :
         {HookKind::pre_backup, HookKind::post_backup, HookKind::pre_schedule, HookKind::post_schedule})
        if (chance(random, 50)) set.insert(kind);
        else set.erase(kind);
    world.hooks.must_succeed = chance(random, 50);
    world.disturb();
    world.struck(Act::hooks_change);
    return true;
}
/// A hook's fault needs a hook.
static void set_a_hook(World& world) { world.hooks.set.insert(HookKind::post_backup); }
bool hook_fails(World& world, Random& random) {
    set_a_hook(world);
    world.hooks.problem = "the hook ended with 1";
    world.heal_after(until_its_end(random), [&world] { world.hooks.problem.clear(); });
    world.begin(Act::hook_fails);
    return true;
}
bool hook_slow(World& world, Random& random) {
    set_a_hook(world);
    world.hooks.length = 2min + some_time(random, 1h);
    world.heal_after(until_its_end(random), [&world] { world.hooks.length = Milliseconds{0}; });
    world.begin(Act::hook_slow);
    return true;
}
bool hooks_delayed(World& world, Random& random) {
    if (world.hooks.delay) return false;
    set_a_hook(world);
    world.hooks.delay = true;
    world.heal_after(12h + some_time(random, 12h), [&world] { world.hooks.delay = false; });
    world.begin(Act::hooks_delayed);
    return true;
}
bool hook_moves(World& world, Random& random) {
    set_a_hook(world);
    world.hook_moves = true;
    world.heal_after(until_its_end(random), [&world] { world.hook_moves = false; });
    world.begin(Act::hook_moves);
    return true;
}

// ---- settings

static bool changed(World& world, Act act) {
    world.disturb();
    world.struck(act);
    if (world.is_up()) world.life->scheduler->check_again();
    return true;
}
bool retention(World& world, Random& random) {
    world.settings.policy = {};
    if (chance(random, 80)) world.settings.policy.max_backups = static_cast<int>(1 + random() % 3);
    if (chance(random, 50))
        world.settings.policy.max_age = config::CivilDuration{1 + static_cast<int>(random() % 20), 0s};
    return changed(world, Act::retention);
}
bool concurrency(World& world, Random& random) {
    world.settings.settings.slots = static_cast<int>(1 + random() % 4);
    if (world.is_up()) world.life->engine->set_concurrency(static_cast<std::size_t>(world.settings.settings.slots));
    return changed(world, Act::concurrency);
}
bool window(World& world, Random& random) {
    core::DailyWindow const some[] = {{17h, 6h}, {0h, 0h}, {8h, 20h}, {22h, 4h}, {13h, 13h}};
    world.settings.settings.timing.window = some[random() % std::size(some)];
    return changed(world, Act::window);
}
bool interval(World& world, Random&) {
    world.interval_days = world.interval_days == 1 ? 2 : 1;
    world.settings.settings.timing.interval = {world.interval_days, 0s};
    return changed(world, Act::interval);
}
bool tag(World& world, Random& random) {
    auto& wanted = world.settings.settings.tag;
    if (wanted) wanted.reset();
    else wanted = "nightly";
    for (auto& vm : world.cluster.vms) {
        vm.tags.clear();
        if (chance(random, 60)) vm.tags.emplace_back("nightly");
    }
    return changed(world, Act::tag);
}
bool limits(World& world, Random& random) {
    auto& all = world.limits;
    all.resolving = 1min + some_time(random, 9min);
    all.stalled = 1h + some_time(random, 11h);
    all.not_started = 5min + some_time(random, 25min);
    all.proof = 5s + some_time(random, 55s);
    all.cluster_unreachable = 2h + some_time(random, 22h);
    all.share_delay = some_time(random, 1min);
    if (world.is_up()) world.life->engine->use(all);
    return changed(world, Act::limits);
}
bool undelete_time(World& world, Random& random) {
    Milliseconds const some[] = {0h, 1h, 24h, 72h};
    auto const wanted = some[random() % std::size(some)];
    if (wanted == world.undelete_for) return false;
    world.undelete_for = wanted;
    return changed(world, Act::undelete_time);
}
/// Nothing has changed, and all that a reload does is done.
bool reload(World& world, Random&) {
    if (!world.is_up()) return false;
    auto& life = *world.life;
    life.identity->configured();
    life.orders->configured();
    life.engine->forget_vms();
    life.engine->try_cluster_again();
    life.scheduler->configured();
    return changed(world, Act::reload);
}

}  // namespace sb::test::adversary::moves
