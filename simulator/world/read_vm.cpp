#include "simulator/world/read_vm.hpp"

namespace sb::sim {

void set(std::string& target, json::View from) {
    if (auto const text = from.string()) target = std::string(*text);
}

void set(std::int64_t& target, json::View from) {
    if (auto const number = from.integer()) target = *number;
}

void set(bool& target, json::View from) {
    if (auto const truth = from.boolean()) target = *truth;
}

std::vector<std::string> read_strings(json::View from) {
    std::vector<std::string> texts;
    for (auto const element : from.elements()) texts.push_back(element.text());
    return texts;
}

void read_into(BlockDevice& device, json::View from) {
    set(device.vm_uuid, from["virDomainUUID"]);
    set(device.type, from["type"]);
    set(device.cache_mode, from["cacheMode"]);
    set(device.capacity, from["capacity"]);
    set(device.slot, from["slot"]);
    set(device.disable_snapshotting, from["disableSnapshotting"]);
    set(device.tiering_factor, from["tieringPriorityFactor"]);
    if (device.type != "IDE_CDROM") return;  // path and name only apply to a CD-ROM
    set(device.path, from["path"]);
    set(device.name, from["name"]);
}

void read_into(NetDevice& nic, json::View from) {
    set(nic.vm_uuid, from["virDomainUUID"]);
    set(nic.type, from["type"]);
    set(nic.mac_address, from["macAddress"]);
    set(nic.vlan, from["vlan"]);
    set(nic.connected, from["connected"]);
}

void read_into(Vm& vm, json::View from) {
    set(vm.name, from["name"]);
    set(vm.description, from["description"]);
    set(vm.operating_system, from["operatingSystem"]);
    set(vm.memory, from["mem"]);
    set(vm.cpus, from["numVCPU"]);
    set(vm.tags, from["tags"]);
    set(vm.snapshot_schedule, from["snapshotScheduleUUID"]);
    set(vm.machine_type, from["machineType"]);
    set(vm.cpu_type, from["cpuType"]);
    if (from["bootDevices"].is_array()) vm.boot_devices = read_strings(from["bootDevices"]);
    auto const affinity = from["affinityStrategy"];
    set(vm.affinity.strict, affinity["strictAffinity"]);
    set(vm.affinity.preferred_node, affinity["preferredNodeUUID"]);
    set(vm.affinity.backup_node, affinity["backupNodeUUID"]);
    set(vm.cloud_init.user_data, from["cloudInitData"]["userData"]);
    set(vm.cloud_init.meta_data, from["cloudInitData"]["metaData"]);
}

void read_devices(Vm& vm, json::View from) {
    for (auto const element : from["blockDevs"].elements()) {
        BlockDevice device;
        read_into(device, element);
        vm.devices.push_back(std::move(device));
    }
    for (auto const element : from["netDevs"].elements()) {
        NetDevice nic;
        read_into(nic, element);
        vm.nics.push_back(std::move(nic));
    }
}

void read_into(Schedule& schedule, json::View from) {
    set(schedule.name, from["name"]);
    if (!from["rrules"].is_array()) return;
    schedule.rules.clear();
    for (auto const element : from["rrules"].elements()) {
        RecurrenceRule rule;
        set(rule.uuid, element["uuid"]);
        set(rule.name, element["name"]);
        set(rule.start, element["dtstart"]);
        set(rule.rule, element["rrule"]);
        set(rule.local_retention, element["localRetentionDurationSeconds"]);
        set(rule.remote_retention, element["remoteRetentionDurationSeconds"]);
        set(rule.replication, element["replication"]);
        schedule.rules.push_back(std::move(rule));
    }
}

}  // namespace sb::sim
