#include "simulator/api/handlers.hpp"
#include "simulator/world/read_vm.hpp"

#include <algorithm>

namespace sb::sim::handlers {
namespace {

/// Assigns new identities to a copied VM; returns the old uuid of each device in the new order.
std::vector<std::string> renew(Vm& vm) {
    std::vector<std::string> old;
    vm.uuid.clear();
    vm.created = vm.modified = 0;
    vm.snapshot_serial = 0;
    vm.snapshot_schedule.clear();
    vm.replica_of.clear();
    vm.replications.clear();
    vm.last_node_uuid.clear();
    World::power_off(vm);
    for (auto& device : vm.devices) {
        old.push_back(device.uuid);
        device.uuid.clear();
        device.created = 0;
        if (device.type != "IDE_CDROM") device.path.clear();
    }
    for (auto& nic : vm.nics) {
        nic.uuid.clear();
        nic.mac_address.clear();
        nic.ipv4_addresses.clear();
    }
    return old;
}

void take_template_nics(Vm& vm, json::View nics) {
    if (!nics.is_array()) return;
    vm.nics.clear();
    for (auto const element : nics.elements()) {
        NetDevice nic;
        read_into(nic, element);
        vm.nics.push_back(std::move(nic));
    }
}

}  // namespace

Response vm_clone(Simulator& sim, Request& request) {
    auto* source = sim.world.vm(request.parameters.front());
    if (!source) return no_such("Virtual machine", request.parameters.front());
    auto const wanted = request.json["snapUUID"].text();
    auto const* snapshot = wanted.empty() ? nullptr : sim.world.snapshot(wanted);
    if (!wanted.empty() && !snapshot) return no_such("Snapshot", wanted);

    auto const source_uuid = source->uuid;
    std::string group = wanted;
    Vm copy = snapshot ? snapshot->domain : *source;
    copy.name = source->name + "-clone";
    read_into(copy, request.json["template"]);
    if (group.empty()) {
        Snapshot origin;
        origin.label = "clone source " + copy.name;
        origin.type = "AUTOMATED";
        auto const taken = sim.take_snapshot(*source, std::move(origin));
        if (!taken) return refuse(500, taken.error().context);
        group = *taken;
    }
    auto const old = renew(copy);
    take_template_nics(copy, request.json["template"]["netDevs"]);
    copy.initial_clone_snapshot = group;
    sim.world.complete(copy, sim.now());
    for (std::size_t i = 0; i < copy.devices.size(); ++i) {
        std::replace(copy.boot_devices.begin(), copy.boot_devices.end(), old[i], copy.devices[i].uuid);
        if (!copy.devices[i].is_disk()) continue;
        auto const from = sim.disks.frozen(group, old[i]);
        if (!std::filesystem::exists(from)) continue;  // excluded from snapshots: the clone gets an empty disk
        if (auto cloned = sim.disks.clone(from, copy.devices[i].uuid); !cloned)
            return refuse(500, cloned.error().context);
    }
    if (auto made = sim.make_disk_files(copy, 0); !made) return refuse(500, made.error().context);
    auto task = sim.task_for(request, "clone", "Clone Virtual Machine %@", copy.name, copy.uuid);
    auto const uuid = copy.uuid;
    sim.world.vms.push_back(std::move(copy));
    return result(sim.small_task(std::move(task), nullptr), uuid);
}

}  // namespace sb::sim::handlers
