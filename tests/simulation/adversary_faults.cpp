// The moves against the share, the journal and the cluster. Each counts as struck when a call meets it, or where that
// cannot be seen, when it begins. Those against an export begin in the middle of one, and those against an order with
// it: see adversary_actions.cpp.
#include "tests/simulation/adversary_moves.hpp"
#include "tests/simulation/adversary_neighbour.hpp"

#include "daemon/core/storage_mark.hpp"

namespace sb::test::adversary::moves {

namespace {

/// For the VM that is being exported now, and for a while.
template <class Map, class... Value>
bool for_ordered_vm(World& world, Random& random, Act act, Map& map, Value... value) {
    auto const name = world.ordering;
    if (name.empty()) return false;
    map.emplace(name, value...);
    world.heal_after(fault_length(random) * 2, [&map, name] { map.erase(name); });
    world.struck(act);
    return true;
}

/// Of this daemon.
FakeCluster::Run* some_running(World& world, Random& random) {
    std::vector<FakeCluster::Run*> all;
    for (auto& run : world.cluster.runs) {
        auto const* const mine = world.export_of(run.folder);
        bool const is_ours = mine != nullptr && mine->by == &world;
        if (is_ours && world.cluster.report_of(run).state == core::TaskState::running) all.push_back(&run);
    }
    return all.empty() ? nullptr : all[random() % all.size()];
}

bool knows_its_share(FakeJournal const& journal) { return journal.facts.contains(core::storage_mark_fact); }

}  // namespace

// ---- the share

bool share_full(World& world, Random& random) {
    if (!world.is_up() || world.catalog.room.free_bytes == 0) return false;
    auto const room = world.catalog.room;
    world.catalog.room.free_bytes = 0;
    Error const full{Errc::no_space, "the disk is full"};
    if (chance(random, 50)) world.catalog.writing_fails = full;
    world.heal_after(until_a_look(random), [&world, room] {
        world.catalog.room = room;
        world.catalog.writing_fails.reset();
    });
    world.begin(Act::share_full);
    return true;
}
bool share_read_only(World& world, Random& random) {
    if (world.share_read_only) return false;
    Error const refused{Errc::io, "read-only file system"};
    auto& catalog = world.catalog;
    world.share_read_only = true;
    catalog.writing_fails = catalog.renaming_fails = catalog.discarding_fails = catalog.marking_fails = refused;
    catalog.probe_fails = refused;
    world.heal_after(until_its_end(random), [&world] {
        auto& all = world.catalog;
        world.share_read_only = false;
        for (auto* fault :
             {&all.writing_fails, &all.renaming_fails, &all.discarding_fails, &all.marking_fails, &all.probe_fails})
            fault->reset();
    });
    world.begin(Act::share_read_only);
    return true;
}
/// A daemon that has not seen the share yet would take what is below for it: that is a new installation's right.
bool share_gone(World& world, Random& random) {
    // What hangs now has checked the share before.
    if (!world.is_up() || world.share_gone || world.hangs_until > world.time.steady_now()) return false;
    if (world.catalog.mark.empty() || !knows_its_share(world.journal)) return false;
    for (auto const* const each : {world.other.get(), world.twin.get()})
        if (each != nullptr && each->is_up() && !knows_its_share(each->journal)) return false;
    world.share_gone = true;
    world.heal_after(until_a_look(random), [&world] { world.share_gone = false; });
    world.begin(Act::share_gone);
    return true;
}
bool share_hangs(World& world, Random& random) {
    if (world.hangs_until > world.time.steady_now()) return false;
    auto const length = 11min + some_time(random, chance(random, 70) ? 20min : 3h);
    world.hangs_until = world.time.steady_now() + length;
    world.heal_after(length, [&world] { world.hangs_until = std::min(world.hangs_until, world.time.steady_now()); });
    world.begin(Act::share_hangs);
    return true;
}
bool folder_unreadable(World& world, Random& random) {
    auto const landing = some_landing(world, random);
    if (landing.empty()) return false;
    Error const error{Errc::io, "input/output error"};
    if (chance(random, 70)) world.catalog.unseen[landing] = error;
    if (chance(random, 70)) world.catalog.bad[landing] = error;
    if (chance(random, 30)) world.catalog.renaming_it_fails[landing] = error;
    world.heal_after(fault_length(random), [&world, landing] {
        world.catalog.unseen.erase(landing);
        world.catalog.bad.erase(landing);
        world.catalog.renaming_it_fails.erase(landing);
    });
    world.struck(Act::folder_unreadable);
    return true;
}
bool rename_refused(World& world, Random& random) {
    if (world.catalog.renaming_fails) return false;
    world.catalog.renaming_fails = Error{Errc::io, "a client has a file of it open"};
    world.heal_after(until_its_end(random), [&world] { world.catalog.renaming_fails.reset(); });
    world.begin(Act::rename_refused);
    return true;
}
/// The cluster ends an export early and forgets its task. The files look complete: only a restore would show it.
bool image_cut(World& world, Random& random) {
    world.look_at_tasks();
    auto const* const run = some_running(world, random);
    if (run == nullptr || world.stuck.contains(run->tag)) return false;
    auto* const mine = world.export_of(run->folder);
    mine->cut = mine->failed = true;
    world.writing.erase(core::attempt_of(run->folder));
    auto const tag = run->tag;
    std::erase_if(world.cluster.runs, [&](FakeCluster::Run const& each) { return each.tag == tag; });
    world.queued.erase(tag);
    world.struck(Act::image_cut);
    return true;
}

// ---- the journal

bool journal_full(World& world, Random& random) {
    if (world.journal.full) return false;
    world.journal.full = true;
    world.heal_after(until_its_end(random), [&world] { world.journal.full = false; });
    world.begin(Act::journal_full);
    return true;
}
bool journal_slow(World& world, Random& random) {
    world.journal_takes = some_time(random, 3s);
    world.heal_after(until_its_end(random), [&world] { world.journal_takes = Milliseconds{0}; });
    world.begin(Act::journal_slow);
    return true;
}
bool write_fails(World& world, Random& random) {
    for (auto count = 1 + random() % 4; count > 0; --count)
        world.journal.failing.insert(world.journal.writes + 1 + static_cast<int>(random() % 40));
    world.begin(Act::write_fails);
    return true;
}
bool write_unconfirmed(World& world, Random& random) {
    if (world.unconfirmed_in > 0) return false;
    world.unconfirmed_in = static_cast<int>(1 + random() % 40);
    return true;
}
/// The state directory is deleted. What is below an absent share would be taken for a new one.
bool journal_lost(World& world, Random&) {
    if (!world.is_up() || world.share_gone) return false;
    world.kill_now();
    world.journal = FakeJournal{};
    world.journal.is_new = true;
    world.kept_journal.reset();
    world.forget_after(world.journal);
    world.paused = false;
    world.disturb();
    world.struck(Act::journal_lost);
    return true;
}
bool journal_put_back(World& world, Random&) {
    auto& kept = world.kept_journal;
    if (!world.is_up() || !kept || !knows_its_share(*kept)) return false;
    world.kill_now();
    world.journal = *kept;
    world.journal.full = false;
    world.journal.failing.clear();
    kept.reset();
    world.forget_after(world.journal);
    world.disturb();
    world.struck(Act::journal_put_back);
    return true;
}

// ---- the cluster

bool answer_lost(World& world, Random& random) {
    return for_ordered_vm(world, random, Act::answer_lost, world.cluster.lose_answer);
}
bool request_lost(World& world, Random& random) {
    return for_ordered_vm(world, random, Act::request_lost, world.cluster.lose_request);
}
bool answer_late(World& world, Random& random) {
    world.cluster.post_delay = some_time(random, 130s);
    world.heal_after(fault_length(random) * 2, [&world] { world.cluster.post_delay = Milliseconds{0}; });
    world.struck(Act::answer_late);
    return true;
}
bool answer_ambiguous(World& world, Random& random) {
    Error const error{Errc::maybe_rejected, "HTTP 500"};
    return for_ordered_vm(world, random, Act::answer_ambiguous, world.cluster.answer_with_error, error);
}
bool order_refused(World& world, Random& random) {
    auto const code = chance(random, 50) ? Errc::rejected : Errc::unavailable;
    Error const error{code, "the cluster has too much to do"};
    return for_ordered_vm(world, random, Act::order_refused, world.cluster.refuse_post, error);
}
bool task_fails(World& world, Random& random) {
    return for_ordered_vm(world, random, Act::task_fails, world.cluster.task_error, std::string("disk read error"));
}
bool task_stuck(World& world, Random& random) {
    auto* const run = some_running(world, random);
    if (run == nullptr || world.stuck.size() > 1 || world.stuck.contains(run->tag)) return false;
    run->length = 24h * 10000;
    auto const tag = run->tag;
    world.stuck.insert(tag);
    world.heal_after(some_time(random, 12h), [&world, tag] {
        world.stuck.erase(tag);
        for (auto& each : world.cluster.runs)
            if (each.tag == tag) {
                each.fails_with = "ended by the administrator";
                each.fail_at = 0;
            }
    });
    world.struck(Act::task_stuck);
    return true;
}
bool task_queued(World& world, Random& random) {
    auto* const run = some_running(world, random);
    if (run == nullptr) return false;
    auto const tag = run->tag;
    world.queued.insert(tag);
    world.heal_after(fault_length(random), [&world, tag] { world.queued.erase(tag); });
    world.begin(Act::task_queued);
    return true;
}
/// A task that is only listed, and cannot be read by its tag, is looked up several times a second: not for long.
bool tags_expire(World& world, Random& random) {
    auto& cluster = world.cluster;
    if (!cluster.knows_tags || cluster.running() == 0) return false;
    cluster.knows_tags = false;
    // In earnest they would not come back: the engine need not count on that.
    for (auto const& attempt : world.writing) world.exports[attempt].given_up = true;
    bool const is_listed = chance(random, 20);
    if (!is_listed) cluster.lists_tasks = cluster.vms_know_tasks = false;
    world.heal_after(is_listed ? some_time(random, 2min) : 40min + some_time(random, 2h), [&cluster, is_listed] {
        cluster.knows_tags = true;
        if (!is_listed) cluster.lists_tasks = cluster.vms_know_tasks = true;
    });
    world.struck(Act::tags_expire);
    return true;
}
bool tasks_unlisted(World& world, Random& random) {
    world.cluster.lists_tasks = chance(random, 50);
    world.cluster.vms_know_tasks = world.cluster.lists_tasks && chance(random, 50);
    world.cluster.names_objects = chance(random, 50);
    world.heal_after(some_time(random, 3h), [&world] {
        world.cluster.lists_tasks = world.cluster.vms_know_tasks = world.cluster.names_objects = true;
    });
    world.struck(Act::tasks_unlisted);
    return true;
}
bool task_of_other_user(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    if (vm == nullptr || world.cluster.unreachable) return false;
    auto const order = [](World& mine, VmUuid uuid) -> task<void> {
        ports::ExportOrder theirs{std::move(uuid), "their share", "theirs.xml"};
        auto const answer = co_await mine.cluster.start_export(std::move(theirs));
        if (answer) mine.struck(Act::task_of_other_user);
        else mine.postpone(Act::task_of_other_user);
    };
    world.people->spawn(order(world, vm->uuid));
    world.time.settle();
    return true;
}
bool cluster_unreachable(World& world, Random& random) {
    if (!world.is_up() || world.cluster.unreachable) return false;
    world.cluster.unreachable = Error{chance(random, 80) ? Errc::unreachable : Errc::credentials_refused, "no answer"};
    world.heal_after(some_time(random, chance(random, 70) ? 2h : 20h), [&world] { world.cluster.unreachable.reset(); });
    world.struck(Act::cluster_unreachable);
    return true;
}
bool cluster_updates(World& world, Random& random) {
    if (world.cluster.updating) return false;
    world.cluster.updating = true;
    world.heal_after(some_time(random, 4h), [&world] { world.cluster.updating = false; });
    world.begin(Act::cluster_updates);
    return true;
}
bool list_incomplete(World& world, Random& random) {
    if (!world.cluster.list_is_complete) return false;
    world.cluster.list_is_complete = false;
    world.heal_after(until_a_look(random), [&world] { world.cluster.list_is_complete = true; });
    world.begin(Act::list_incomplete);
    return true;
}
bool vm_missing(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    if (vm == nullptr) return false;
    auto const uuid = vm->uuid;
    world.missing[uuid] = world.time.steady_now() + 15min + some_time(random, chance(random, 70) ? 40min : 30h);
    auto const length = world.missing[uuid] - world.time.steady_now();
    world.heal_after(length, [&world, uuid] { world.missing.erase(uuid); });
    world.begin(Act::vm_missing);
    return true;
}
bool vm_added(World& world, Random&) {
    if (world.cluster.vms.size() >= 9) return false;
    world.add_vm();
    world.struck(Act::vm_added);
    return true;
}
bool vm_deleted(World& world, Random& random) {
    if (world.cluster.vms.size() <= 2) return false;
    auto const uuid = world.some_vm(random)->uuid;
    std::erase_if(world.cluster.vms, [&](core::Vm const& vm) { return vm.uuid == uuid; });
    world.struck(Act::vm_deleted);
    return true;
}

}  // namespace sb::test::adversary::moves
