// The moves against the share, the journal and the cluster. Each counts as struck when a call meets it, or where that
// cannot be seen, when it begins.
#include "tests/simulation/adversary_moves.hpp"

namespace sb::test::adversary::moves {

namespace {

template <class Map, class... Value>
void for_some_vm(World& world, Random& random, Map& map, Value... value) {
    auto const* const vm = world.some_vm(random);
    if (vm == nullptr) return;
    auto const name = vm->name;
    map.insert({name, value...});
    world.heal_after(fault_length(random) * 2, [&map, name] { map.erase(name); });
}

FakeCluster::Run* some_running(World& world, Random& random) {
    std::vector<FakeCluster::Run*> all;
    for (auto& run : world.cluster.runs)
        if (world.cluster.report_of(run).state == core::TaskState::running) all.push_back(&run);
    return all.empty() ? nullptr : all[random() % all.size()];
}

}  // namespace

// ---- the share and the journal

void share_full(World& world, Random& random) {
    if (world.catalog.room.free_bytes == 0) return;
    auto const room = world.catalog.room;
    world.catalog.room.free_bytes = 0;
    Error const full{Errc::no_space, "the disk is full"};
    if (chance(random, 50)) world.catalog.writing_fails = full;
    world.heal_after(fault_length(random), [&world, room] {
        world.catalog.room = room;
        world.catalog.writing_fails.reset();
    });
    world.struck(Act::share_full);
}
void share_read_only(World& world, Random& random) {
    Error const refused{Errc::io, "read-only file system"};
    auto& catalog = world.catalog;
    world.share_read_only = true;
    catalog.writing_fails = catalog.renaming_fails = catalog.discarding_fails = catalog.marking_fails = refused;
    world.heal_after(fault_length(random), [&world] {
        auto& all = world.catalog;
        world.share_read_only = false;
        for (auto* fault : {&all.writing_fails, &all.renaming_fails, &all.discarding_fails, &all.marking_fails})
            fault->reset();
    });
    world.struck(Act::share_read_only);
}
void share_gone(World& world, Random& random) {
    if (world.catalog.mark.empty()) return;
    world.share_gone = true;
    world.heal_after(fault_length(random), [&world] { world.share_gone = false; });
    world.struck(Act::share_gone);
}
void folder_unreadable(World& world, Random& random) {
    auto const landing = some_landing(world, random);
    if (landing.empty()) return;
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
}
/// Deletions lean on the newest one.
void copy_unreadable(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    std::string newest;
    for (auto const& [name, manifest] : world.catalog.manifests)
        if (vm != nullptr && manifest.vm_uuid == vm->uuid) newest = name;  // its name begins with its date
    if (newest.empty()) return;
    world.catalog.cannot_read[newest] = Error{Errc::io, "input/output error"};
    world.heal_after(fault_length(random) * 8, [&world, newest] { world.catalog.cannot_read.erase(newest); });
}
/// The cluster ends an export early and forgets its task. The files look complete: only a restore would show it.
void image_cut(World& world, Random& random) {
    world.look_at_tasks();
    auto const* const run = some_running(world, random);
    if (run == nullptr) return;
    auto* const mine = world.export_of(run->folder);
    if (mine == nullptr || world.stuck.contains(run->tag)) return;
    mine->cut = mine->failed = true;
    world.writing.erase(core::attempt_of(run->folder));
    auto const tag = run->tag;
    std::erase_if(world.cluster.runs, [&](FakeCluster::Run const& each) { return each.tag == tag; });
    world.queued.erase(tag);
    world.struck(Act::image_cut);
}
void rename_refused(World& world, Random& random) {
    if (world.catalog.renaming_fails) return;
    world.catalog.renaming_fails = Error{Errc::io, "a client has a file of it open"};
    world.heal_after(fault_length(random), [&world] { world.catalog.renaming_fails.reset(); });
}
void journal_full(World& world, Random& random) {
    world.journal.full = true;
    world.heal_after(fault_length(random), [&world] { world.journal.full = false; });
}
void journal_slow(World& world, Random& random) {
    world.journal_takes = some_time(random, 3s);
    world.heal_after(fault_length(random), [&world] { world.journal_takes = Milliseconds{0}; });
}
void write_fails(World& world, Random& random) {
    for (auto count = 1 + random() % 4; count > 0; --count)
        world.journal.failing.insert(world.journal.writes + 1 + static_cast<int>(random() % 40));
}
void write_unconfirmed(World& world, Random& random) { world.unconfirmed_in = static_cast<int>(1 + random() % 40); }

// ---- the cluster

void answer_lost(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    if (vm == nullptr) return;
    auto const name = vm->name;
    world.cluster.lose_answer.insert(name);
    world.heal_after(fault_length(random) * 2, [&world, name] { world.cluster.lose_answer.erase(name); });
}
void request_lost(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    if (vm == nullptr) return;
    auto const name = vm->name;
    world.cluster.lose_request.insert(name);
    world.heal_after(fault_length(random) * 2, [&world, name] { world.cluster.lose_request.erase(name); });
}
void answer_late(World& world, Random& random) {
    world.cluster.post_delay = some_time(random, 130s);
    world.heal_after(fault_length(random) * 2, [&world] { world.cluster.post_delay = Milliseconds{0}; });
}
void answer_ambiguous(World& world, Random& random) {
    for_some_vm(world, random, world.cluster.answer_with_error, Error{Errc::maybe_rejected, "HTTP 500"});
}
void order_refused(World& world, Random& random) {
    auto const code = chance(random, 50) ? Errc::rejected : Errc::unavailable;
    for_some_vm(world, random, world.cluster.refuse_post, Error{code, "the cluster has too much to do"});
}
void task_fails(World& world, Random& random) {
    for_some_vm(world, random, world.cluster.task_error, std::string("disk read error"));
}
void task_stuck(World& world, Random& random) {
    auto* const run = some_running(world, random);
    if (run == nullptr || world.stuck.size() > 1) return;
    run->length = 24h * 10000;
    auto const tag = run->tag;
    world.stuck.insert(tag);
    world.heal_after(some_time(random, 30h), [&world, tag] {
        world.stuck.erase(tag);
        for (auto& each : world.cluster.runs)
            if (each.tag == tag) {
                each.fails_with = "ended by the administrator";
                each.fail_at = 0;
            }
    });
    world.struck(Act::task_stuck);
}
void task_queued(World& world, Random& random) {
    auto* const run = some_running(world, random);
    if (run == nullptr) return;
    auto const tag = run->tag;
    world.queued.insert(tag);
    world.heal_after(fault_length(random), [&world, tag] { world.queued.erase(tag); });
}
/// A task that is only listed, and cannot be read by its tag, is looked up several times a second: not for long.
void tags_expire(World& world, Random& random) {
    auto& cluster = world.cluster;
    cluster.knows_tags = false;
    // In earnest they would not come back: the engine need not count on that.
    for (auto const& attempt : world.writing) world.exports[attempt].given_up = true;
    bool const is_listed = chance(random, 20);
    if (!is_listed) cluster.lists_tasks = cluster.vms_know_tasks = false;
    world.heal_after(some_time(random, is_listed ? 2min : 2h), [&cluster, is_listed] {
        cluster.knows_tags = true;
        if (!is_listed) cluster.lists_tasks = cluster.vms_know_tasks = true;
    });
    if (cluster.running() > 0) world.struck(Act::tags_expire);
}
void tasks_unlisted(World& world, Random& random) {
    world.cluster.lists_tasks = chance(random, 50);
    world.cluster.vms_know_tasks = world.cluster.lists_tasks && chance(random, 50);
    world.cluster.names_objects = chance(random, 50);
    world.heal_after(some_time(random, 3h), [&world] {
        world.cluster.lists_tasks = world.cluster.vms_know_tasks = world.cluster.names_objects = true;
    });
    world.struck(Act::tasks_unlisted);
}
void task_of_other_user(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    if (vm == nullptr || world.cluster.unreachable) return;
    auto const order = [](World& mine, VmUuid uuid) -> task<void> {
        ports::ExportOrder theirs{std::move(uuid), "their share", "theirs.xml"};
        auto const answer = co_await mine.cluster.start_export(std::move(theirs));
        if (answer) mine.struck(Act::task_of_other_user);
    };
    world.people->spawn(order(world, vm->uuid));
    world.time.settle();
}
void cluster_unreachable(World& world, Random& random) {
    if (world.cluster.unreachable) return;
    world.cluster.unreachable = Error{chance(random, 80) ? Errc::unreachable : Errc::credentials_refused, "no answer"};
    world.heal_after(some_time(random, chance(random, 70) ? 2h : 20h), [&world] { world.cluster.unreachable.reset(); });
    world.struck(Act::cluster_unreachable);
}
void list_incomplete(World& world, Random& random) {
    world.cluster.list_is_complete = false;
    world.heal_after(fault_length(random), [&world] { world.cluster.list_is_complete = true; });
}
void vm_missing(World& world, Random& random) {
    auto const* const vm = world.some_vm(random);
    if (vm == nullptr) return;
    auto const uuid = vm->uuid;
    world.missing[uuid] = world.time.steady_now() + some_time(random, chance(random, 70) ? 20min : 30h);
    auto const length = world.missing[uuid] - world.time.steady_now();
    world.heal_after(length, [&world, uuid] { world.missing.erase(uuid); });
}
void vm_added(World& world, Random&) {
    if (world.cluster.vms.size() >= 9) return;
    world.add_vm();
    world.struck(Act::vm_added);
}
void vm_deleted(World& world, Random& random) {
    if (world.cluster.vms.size() <= 2) return;
    auto const uuid = world.some_vm(random)->uuid;
    std::erase_if(world.cluster.vms, [&](core::Vm const& vm) { return vm.uuid == uuid; });
    world.struck(Act::vm_deleted);
}

}  // namespace sb::test::adversary::moves
