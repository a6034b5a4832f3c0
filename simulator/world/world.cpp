#include "simulator/world/world.hpp"

#include <algorithm>
#include <utility>

namespace sb::sim {

Vm* World::vm(std::string_view uuid) { return find_by_uuid(vms, uuid); }

Vm* World::vm_named(std::string_view name) {
    for (auto& vm : vms)
        if (vm.name == name) return &vm;
    return nullptr;
}

BlockDevice* World::device(std::string_view uuid) {
    for (auto& vm : vms)
        if (auto* found = find_by_uuid(vm.devices, uuid)) return found;
    return nullptr;
}

NetDevice* World::nic(std::string_view uuid) {
    for (auto& vm : vms)
        if (auto* found = find_by_uuid(vm.nics, uuid)) return found;
    return nullptr;
}

Snapshot* World::snapshot(std::string_view uuid) { return find_by_uuid(snapshots, uuid); }

User* World::user_named(std::string_view name) {
    for (auto& user : users)
        if (user.username == name) return &user;
    return nullptr;
}

std::vector<std::string> World::snapshots_of(std::string_view vm_uuid) const {
    std::vector<std::string> found;
    for (auto const& snapshot : snapshots)
        if (snapshot.vm_uuid == vm_uuid) found.push_back(snapshot.uuid);
    return found;
}

namespace {

/// Slots are counted per bus; firmware devices have none.
std::string_view bus_of(std::string_view type) {
    if (type.starts_with("IDE")) return "ide";
    if (type.starts_with("VIRTIO")) return "virtio";
    if (type.starts_with("SCSI")) return "scsi";
    return "";
}

std::int64_t next_slot(Vm const& vm, std::string_view bus) {
    std::int64_t next = 0;
    for (auto const& device : vm.devices)
        if (bus_of(device.type) == bus) next = std::max(next, device.slot + 1);
    return next;
}

}  // namespace

void World::complete(Vm& vm, std::int64_t now) {
    if (vm.uuid.empty()) vm.uuid = random.uuid();
    if (vm.created == 0) vm.created = now;
    if (vm.modified == 0) vm.modified = now;
    for (auto& device : vm.devices) {
        if (device.uuid.empty()) device.uuid = random.uuid();
        device.vm_uuid = vm.uuid;
        if (device.created == 0) device.created = now;
        if (device.slot < 0 && !bus_of(device.type).empty()) device.slot = next_slot(vm, bus_of(device.type));
        if (device.path.empty() && device.type != "IDE_CDROM") device.path = "scribe/" + device.uuid;
    }
    for (auto& nic : vm.nics) {
        if (nic.uuid.empty()) nic.uuid = random.uuid();
        nic.vm_uuid = vm.uuid;
        if (nic.mac_address.empty()) nic.mac_address = random.mac_address();
    }
}

void World::power_on(Vm& vm) {
    vm.state = "RUNNING";
    if (vm.node_uuid.empty() && !nodes.empty()) {
        vm.node_uuid = nodes[hash_of(vm.uuid) % nodes.size()].uuid;
        if (auto* wanted = find_by_uuid(nodes, vm.affinity.preferred_node)) vm.node_uuid = wanted->uuid;
    }
    vm.last_node_uuid = vm.node_uuid;
    if (vm.console_port == 0) vm.console_port = 5900 + static_cast<std::int64_t>(hash_of(vm.uuid) % 100);
}

void World::power_off(Vm& vm) {
    vm.state = "SHUTOFF";
    vm.node_uuid.clear();
    vm.console_port = 0;
}

void add_firmware_devices(Vm& vm) {
    BlockDevice firmware;
    firmware.type = "NVRAM";
    firmware.capacity = 540672;
    if (vm.machine_type.find("uefi") != std::string::npos) vm.devices.push_back(firmware);
    firmware.type = "VTPM";
    firmware.capacity = 1048576;
    if (vm.machine_type.find("tpm") != std::string::npos) vm.devices.push_back(firmware);
}

void World::set_update(UpdateStatus status) {
    update = std::move(status);
    // A real cluster's condition lags behind by half a minute at the end of an update.
    for (auto& condition : conditions) {
        if (condition.name != "updateInProgress") continue;
        condition.value = update.in_progress();
        condition.ok = !condition.value;
    }
}

bool World::may(User const& user, std::string_view permission) const {
    for (auto const& role : roles) {
        if (std::find(user.role_uuids.begin(), user.role_uuids.end(), role.uuid) == user.role_uuids.end()) continue;
        for (auto const& granted : role.permissions)
            if (granted == permission || granted == "*") return true;
    }
    return false;
}

}  // namespace sb::sim
