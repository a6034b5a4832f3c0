#include "simulator/api/simulator.hpp"

#include <algorithm>

namespace sb::sim {

std::string Simulator::small_task(Task task, Timeline::Event effect) {
    auto const tag = tasks.enter(std::move(task));
    tasks.run(tag);
    auto const end = [this, tag, effect = std::move(effect)] {
        if (effect) effect();
        tasks.complete(tag);
    };
    timeline.after(behaviour.task_time, end);
    return tag;
}

Task Simulator::task_for(Request const& request, std::string kind, std::string description, std::string parameter,
                         std::string object_uuid) const {
    Task task;
    task.kind = std::move(kind);
    task.description = std::move(description);
    task.parameters = {std::move(parameter)};
    task.object_uuid = std::move(object_uuid);
    task.session_id = request.session_id;
    if (!world.nodes.empty()) task.nodes = {world.nodes.front().uuid};
    return task;
}

Result<void> Simulator::make_disk_files(Vm const& vm, int fill_percent) {
    for (auto const& device : vm.devices) {
        if (!device.is_disk() || std::filesystem::exists(disks.disk(device.uuid))) continue;
        if (auto made = disks.create(device.uuid, device.capacity, fill_percent); !made) return made;
    }
    return {};
}

void Simulator::remove_vm(std::string const& uuid) {
    auto const* vm = world.vm(uuid);
    if (!vm) return;
    for (auto const& snapshot : world.snapshots_of(uuid)) remove_snapshot(snapshot);
    for (auto const& device : vm->devices) disks.remove(device.uuid);
    std::erase_if(world.vms, [&uuid](Vm const& each) { return each.uuid == uuid; });
}

void Simulator::remove_snapshot(std::string const& uuid) {
    disks.release(uuid);
    std::erase_if(world.snapshots, [&uuid](Snapshot const& each) { return each.uuid == uuid; });
}

Result<std::string> Simulator::take_snapshot(Vm& vm, Snapshot snapshot) {
    snapshot.uuid = world.random.uuid();
    snapshot.vm_uuid = vm.uuid;
    snapshot.timestamp = now();
    snapshot.serial = ++vm.snapshot_serial;
    snapshot.domain = vm;
    World::power_off(snapshot.domain);
    for (auto const& device : vm.devices) {
        if (!device.is_disk() || device.disable_snapshotting) continue;
        if (auto kept = disks.freeze(device.uuid, snapshot.uuid); !kept) return kept.error();
    }
    auto const uuid = snapshot.uuid;
    if (snapshot.local_retain_until > 0) {
        auto const seconds = std::max<std::int64_t>(0, snapshot.local_retain_until - now());
        auto const expire = [this, uuid] { remove_snapshot(uuid); };
        timeline.after(std::chrono::seconds(seconds), expire);
    }
    world.snapshots.push_back(std::move(snapshot));
    return uuid;
}

Result<std::int64_t> Simulator::mutate(Vm const& vm, double share) {
    std::int64_t bytes = 0;
    for (auto const& device : vm.devices) {
        if (!device.is_disk()) continue;
        auto const written = disks.mutate(device.uuid, share, world.random);
        if (!written) return written.error();
        bytes += *written;
    }
    return bytes;
}

void Simulator::refresh_allocation(Vm& vm) const {
    for (auto& device : vm.devices)
        if (device.is_disk()) device.allocation = disks.allocation(device.uuid);
}

}  // namespace sb::sim
