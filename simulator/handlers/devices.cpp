#include "simulator/api/handlers.hpp"
#include "simulator/world/read_vm.hpp"
#include "simulator/world/write.hpp"

#include <algorithm>

namespace sb::sim::handlers {
namespace {

Vm& owner_of(World& world, BlockDevice const& device) { return *world.vm(device.vm_uuid); }

}  // namespace

Response device_list(Simulator& sim, Request& request) {
    json::Writer out;
    out.begin_array();
    for (auto& vm : sim.world.vms) {
        sim.refresh_allocation(vm);
        for (auto const& device : vm.devices)
            if (request.parameters.empty() || device.uuid == request.parameters.front()) write(out, device);
    }
    out.end_array();
    return json_answer(out.take());
}

Response device_create(Simulator& sim, Request& request) {
    BlockDevice device;
    read_into(device, request.json);
    auto* vm = sim.world.vm(device.vm_uuid);
    if (!vm) return no_such("Virtual machine", device.vm_uuid);
    device.uuid = sim.world.random.uuid();
    auto const uuid = device.uuid;
    vm->devices.push_back(std::move(device));
    sim.world.complete(*vm, sim.now());
    if (auto made = sim.make_disk_files(*vm, 0); !made) return refuse(500, made.error().context);
    auto task = sim.task_for(request, "device", "Create block device for Virtual Machine %@", vm->name, vm->uuid);
    return result(sim.small_task(std::move(task), nullptr), uuid);
}

Response device_patch(Simulator& sim, Request& request) {
    auto* device = sim.world.device(request.parameters.front());
    if (!device) return no_such("Block device", request.parameters.front());
    auto const capacity = request.json["capacity"].integer().value_or(device->capacity);
    if (device->is_disk() && capacity < device->capacity) return refuse(400, "capacity can only grow");
    auto const vm_uuid = device->vm_uuid;
    read_into(*device, request.json);
    device->vm_uuid = vm_uuid;
    if (device->is_disk())
        if (auto grown = sim.disks.grow(device->uuid, capacity); !grown) return refuse(500, grown.error().context);
    auto const& vm = owner_of(sim.world, *device);
    auto task = sim.task_for(request, "device", "Modify block device for Virtual Machine %@", vm.name, vm.uuid);
    return result(sim.small_task(std::move(task), nullptr));
}

Response device_delete(Simulator& sim, Request& request) {
    auto const uuid = request.parameters.front();
    auto const* device = sim.world.device(uuid);
    if (!device) return no_such("Block device", uuid);
    auto const& vm = owner_of(sim.world, *device);
    auto task =
        sim.task_for(request, "device", "Delete block device %@ for Virtual Machine %@", uuid.substr(0, 8), vm.uuid);
    task.parameters.push_back(vm.name);
    auto const remove = [&sim, uuid] {
        auto const* found = sim.world.device(uuid);
        if (!found) return;
        auto& owner = owner_of(sim.world, *found);
        std::erase(owner.boot_devices, uuid);
        std::erase_if(owner.devices, [&uuid](BlockDevice const& each) { return each.uuid == uuid; });
        sim.disks.remove(uuid);
    };
    return result(sim.small_task(std::move(task), remove));
}

Response device_clone(Simulator& sim, Request& request) {
    auto const source = request.parameters.front();
    auto const* snapshot = sim.world.snapshot(request.json["snapUUID"].text());
    if (!snapshot) return no_such("Snapshot", request.json["snapUUID"].text());
    auto const* original = find_by_uuid(snapshot->domain.devices, source);
    auto const from = sim.disks.frozen(snapshot->uuid, source);
    if (!original || !std::filesystem::exists(from)) return no_such("Block device in the snapshot", source);
    auto const body = request.json["template"];
    BlockDevice device;
    read_into(device, body);
    auto* vm = sim.world.vm(device.vm_uuid);
    if (!vm) return no_such("Virtual machine", device.vm_uuid);
    device.uuid = sim.world.random.uuid();
    device.slot = -1;
    device.capacity = std::max(device.capacity, original->capacity);
    device.read_only = request.json["options"]["readOnly"].boolean().value_or(false);
    auto const uuid = device.uuid;
    if (auto cloned = sim.disks.clone(from, uuid); !cloned) return refuse(500, cloned.error().context);
    if (auto grown = sim.disks.grow(uuid, device.capacity); !grown) return refuse(500, grown.error().context);
    // A new disk identity changes four bytes in the boot sector: that is why a clone without the option boots, and one
    // with it may not.
    if (request.json["options"]["regenerateDiskID"].boolean().value_or(true))
        if (auto changed = sim.disks.change_disk_id(uuid, sim.world.random); !changed)
            return refuse(500, changed.error().context);
    vm->devices.push_back(std::move(device));
    sim.world.complete(*vm, sim.now());
    auto task = sim.task_for(request, "device", "Clone block device for Virtual Machine %@", vm->name, vm->uuid);
    return result(sim.small_task(std::move(task), nullptr), uuid);
}

}  // namespace sb::sim::handlers
