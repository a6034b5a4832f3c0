#include "simulator/api/handlers.hpp"
#include "simulator/world/read_vm.hpp"
#include "simulator/world/write.hpp"

#include <algorithm>

namespace sb::sim::handlers {

Response nic_list(Simulator& sim, Request& request) {
    json::Writer out;
    out.begin_array();
    for (auto const& vm : sim.world.vms)
        for (auto const& nic : vm.nics)
            if (request.parameters.empty() || nic.uuid == request.parameters.front()) write(out, nic);
    out.end_array();
    return json_answer(out.take());
}

Response nic_create(Simulator& sim, Request& request) {
    NetDevice nic;
    read_into(nic, request.json);
    auto* vm = sim.world.vm(nic.vm_uuid);
    if (!vm) return no_such("Virtual machine", nic.vm_uuid);
    nic.uuid = sim.world.random.uuid();
    auto const uuid = nic.uuid;
    vm->nics.push_back(std::move(nic));
    sim.world.complete(*vm, sim.now());
    auto task = sim.task_for(request, "nic", "Create network device for Virtual Machine %@", vm->name, vm->uuid);
    return result(sim.small_task(std::move(task), nullptr), uuid);
}

Response nic_patch(Simulator& sim, Request& request) {
    auto* nic = sim.world.nic(request.parameters.front());
    if (!nic) return no_such("Network device", request.parameters.front());
    auto const vm_uuid = nic->vm_uuid;
    read_into(*nic, request.json);
    nic->vm_uuid = vm_uuid;
    auto const& vm = *sim.world.vm(vm_uuid);
    auto task = sim.task_for(request, "nic", "Modify network device for Virtual Machine %@", vm.name, vm.uuid);
    return result(sim.small_task(std::move(task), nullptr));
}

Response nic_delete(Simulator& sim, Request& request) {
    auto const uuid = request.parameters.front();
    auto const* nic = sim.world.nic(uuid);
    if (!nic) return no_such("Network device", uuid);
    auto& vm = *sim.world.vm(nic->vm_uuid);
    auto task = sim.task_for(request, "nic", "Delete network device for Virtual Machine %@", vm.name, vm.uuid);
    std::erase(vm.boot_devices, uuid);
    std::erase_if(vm.nics, [&uuid](NetDevice const& each) { return each.uuid == uuid; });
    return result(sim.small_task(std::move(task), nullptr));
}

}  // namespace sb::sim::handlers
