#include "simulator/api/handlers.hpp"
#include "simulator/world/read_vm.hpp"
#include "simulator/world/write.hpp"

namespace sb::sim::handlers {

Response snapshot_list(Simulator& sim, Request& request) {
    auto const each = [&sim](json::Writer& out, Snapshot const& snapshot) { write(out, snapshot, sim.tasks); };
    return listed(request, sim.world.snapshots, each);
}

Response snapshot_get(Simulator& sim, Request& request) { return snapshot_list(sim, request); }

Response snapshot_create(Simulator& sim, Request& request) {
    auto const body = request.json;
    auto* vm = sim.world.vm(body["domainUUID"].text());
    if (!vm) return no_such("Virtual machine", body["domainUUID"].text());
    Snapshot snapshot;
    set(snapshot.label, body["label"]);
    set(snapshot.type, body["type"]);
    set(snapshot.automated_trigger, body["automatedTriggerTimestamp"]);
    set(snapshot.local_retain_until, body["localRetainUntilTimestamp"]);
    set(snapshot.remote_retain_until, body["remoteRetainUntilTimestamp"]);
    set(snapshot.diff_from_serial, body["blockCountDiffFromSerialNumber"]);
    set(snapshot.replication, body["replication"]);
    auto task = sim.task_for(request, "snapshot", "Create snapshot of Virtual Machine %@", vm->name, vm->uuid);
    auto const uuid = sim.take_snapshot(*vm, std::move(snapshot));
    if (!uuid) return refuse(500, uuid.error().context);
    return result(sim.small_task(std::move(task), nullptr), *uuid);
}

Response snapshot_delete(Simulator& sim, Request& request) {
    auto const uuid = request.parameters.front();
    auto const* snapshot = sim.world.snapshot(uuid);
    if (!snapshot) return no_such("Snapshot", uuid);
    auto task = sim.task_for(request, "snapshot_delete", "Delete snapshot of Virtual Machine %@", snapshot->domain.name,
                             snapshot->vm_uuid);
    auto const remove = [&sim, uuid] { sim.remove_snapshot(uuid); };
    return result(sim.small_task(std::move(task), remove));
}

Response schedule_list(Simulator& sim, Request& request) {
    auto const each = [](json::Writer& out, Schedule const& schedule) { write(out, schedule); };
    return listed(request, sim.world.schedules, each);
}

Response schedule_create(Simulator& sim, Request& request) {
    Schedule schedule{.uuid = sim.world.random.uuid()};
    read_into(schedule, request.json);
    sim.world.schedules.push_back(schedule);
    return result("", schedule.uuid);  // real clusters return no task for schedules
}

Response schedule_patch(Simulator& sim, Request& request) {
    auto* schedule = find_by_uuid(sim.world.schedules, request.parameters.front());
    if (!schedule) return no_such("Snapshot schedule", request.parameters.front());
    read_into(*schedule, request.json);
    return result("");
}

Response schedule_delete(Simulator& sim, Request& request) {
    auto const uuid = request.parameters.front();
    std::erase_if(sim.world.schedules, [&uuid](Schedule const& each) { return each.uuid == uuid; });
    return result("");
}

}  // namespace sb::sim::handlers
