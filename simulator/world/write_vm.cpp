#include "simulator/world/write.hpp"

#include <algorithm>
#include <array>

namespace sb::sim {
namespace {

/// The keyword that versions from 9.3 show beside the machine type.
std::string keyword_of(std::string const& machine_type) {
    if (machine_type.find("tpm-compatible") != std::string::npos) return "tpm-compatible";
    if (machine_type.find("tpm") != std::string::npos) return "tpm";
    if (machine_type.find("uefi") != std::string::npos || machine_type == "scale-8.10") return "uefi";
    return machine_type.empty() ? "" : "bios";
}

/// desiredDisposition has only three values, state has six.
std::string disposition_of(std::string const& state) {
    if (state == "RUNNING" || state == "BLOCKED") return "RUNNING";
    return state == "PAUSED" ? "PAUSED" : "SHUTOFF";
}

void write_console(json::Writer& out, Vm const& vm) {
    bool const on = vm.console_port != 0;
    out.key("console").begin_object().member("type", "VNC").member("ip", on ? "10.20.0.11" : "");
    out.member("port", vm.console_port).member("keymap", "en-us").end_object();
}

}  // namespace

void write_strings(json::Writer& out, std::string_view key, std::vector<std::string> const& texts) {
    out.key(key).begin_array();
    for (auto const& text : texts) out.string(text);
    out.end_array();
}

void write(json::Writer& out, BlockDevice const& device) {
    out.begin_object();
    out.member("uuid", device.uuid).member("virDomainUUID", device.vm_uuid).member("type", device.type);
    out.member("cacheMode", device.cache_mode).member("capacity", device.capacity);
    out.member("allocation", device.allocation).member("physical", std::int64_t{0}).member("shareUUID", "");
    out.member("path", device.path).member("slot", device.slot).member("name", device.name);
    out.member("disableSnapshotting", device.disable_snapshotting);
    out.member("tieringPriorityFactor", device.tiering_factor);
    out.key("mountPoints").begin_array().end_array();
    out.member("createdTimestamp", device.created).member("readOnly", device.read_only);
    out.end_object();
}

void write(json::Writer& out, NetDevice const& nic) {
    out.begin_object();
    out.member("uuid", nic.uuid).member("virDomainUUID", nic.vm_uuid).member("type", nic.type);
    out.member("macAddress", nic.mac_address).member("vlan", nic.vlan).member("connected", nic.connected);
    write_strings(out, "ipv4Addresses", nic.ipv4_addresses);
    out.end_object();
}

void write(json::Writer& out, Vm const& vm, TaskBoard const& board, std::vector<std::string> const& snapshots) {
    out.begin_object();
    out.member("uuid", vm.uuid).member("nodeUUID", vm.node_uuid).member("name", vm.name);
    out.member("description", vm.description).member("operatingSystem", vm.operating_system);
    out.member("state", vm.state).member("desiredDisposition", disposition_of(vm.state)).member("uiState", vm.state);
    write_console(out, vm);
    out.member("mem", vm.memory).member("numVCPU", vm.cpus);
    out.key("blockDevs").begin_array();
    for (auto const& device : vm.devices) write(out, device);
    out.end_array().key("netDevs").begin_array();
    for (auto const& nic : vm.nics) write(out, nic);
    out.end_array().key("deprecated_stats").begin_array().end_array();
    out.member("created", vm.created).member("modified", vm.modified);
    write_latest_task(out.key("latestTaskTag"), board, vm.uuid);
    out.member("tags", vm.tags);
    write_strings(out, "bootDevices", vm.boot_devices);
    write_strings(out, "snapUUIDs", snapshots);
    out.member("snapshotSerialNumber", vm.snapshot_serial);
    write_strings(out, "replicationUUIDs", vm.replications);
    out.member("sourceVirDomainUUID", vm.replica_of).member("snapshotListSerialNumber", vm.snapshot_serial);
    out.member("snapshotScheduleUUID", vm.snapshot_schedule).member("machineType", vm.machine_type);
    out.member("machineTypeKeyword", keyword_of(vm.machine_type)).member("cpuType", vm.cpu_type);
    out.member("snapshotAllocationBlocks", std::int64_t{0}).member("guestAgentState", vm.guest_agent);
    out.member("lastSeenRunningOnNodeUUID", vm.last_node_uuid).member("isTransient", vm.transient);
    out.key("affinityStrategy").begin_object().member("strictAffinity", vm.affinity.strict);
    out.member("preferredNodeUUID", vm.affinity.preferred_node);
    out.member("backupNodeUUID", vm.affinity.backup_node).end_object();
    out.key("vsdUUIDsToDelete").begin_array().end_array();
    out.key("cloudInitData").begin_object().member("userData", vm.cloud_init.user_data);
    out.member("metaData", vm.cloud_init.meta_data).end_object();
    out.member("initialCloneSnapshotUUID", vm.initial_clone_snapshot);
    out.end_object();
}

void write(json::Writer& out, Snapshot const& snapshot, TaskBoard const& board) {
    out.begin_object();
    out.member("uuid", snapshot.uuid).member("domainUUID", snapshot.vm_uuid).member("timestamp", snapshot.timestamp);
    out.member("label", snapshot.label).member("type", snapshot.type).member("state", "CREATED");
    out.member("unavailable", false).member("quiesced", false).member("replication", snapshot.replication);
    out.member("blockCountDiff", std::int64_t{0});
    out.member("blockCountDiffFromSerialNumber", snapshot.diff_from_serial);
    out.member("automatedTriggerTimestamp", snapshot.automated_trigger);
    out.member("localRetainUntilTimestamp", snapshot.local_retain_until);
    out.member("remoteRetainUntilTimestamp", snapshot.remote_retain_until);
    out.key("deviceSnapshots").begin_array();
    for (auto const& device : snapshot.domain.devices) {
        if (!device.is_disk() || device.disable_snapshotting) continue;
        out.begin_object().member("uuid", device.uuid).member("timestamp", snapshot.timestamp);
        out.member("serialNumber", snapshot.serial).member("blockCountDiff", std::int64_t{0});
        out.member("identifier", snapshot.uuid).member("checksum", "").end_object();
    }
    out.end_array();
    write(out.key("domain"), snapshot.domain, board, {});
    out.end_object();
}

void write_stats(json::Writer& out, Vm const& vm) {
    bool const on = vm.state == "RUNNING";
    out.begin_object().member("uuid", vm.uuid).key("cpuUsage").number(on ? 2.5 : 0.0);
    out.member("rxBitRate", std::int64_t{on ? 12000 : 0}).member("txBitRate", std::int64_t{on ? 8000 : 0});
    out.key("vsdStats").begin_array();
    for (auto const& device : vm.devices) {
        if (!device.is_disk()) continue;
        out.begin_object().member("uuid", device.uuid).key("rates").begin_array().begin_object();
        constexpr std::array<char const*, 9> names{
            "decaySeconds",           "millireadsPerSecond",         "milliwritesPerSecond",
            "readKibibytesPerSecond", "writeKibibytesPerSecond",     "meanReadSizeBytes",
            "meanWriteSizeBytes",     "meanReadLatencyMicroseconds", "meanWriteLatencyMicroseconds"};
        for (auto const* name : names) out.member(name, std::int64_t{10});
        out.end_object().end_array().end_object();
    }
    out.end_array().end_object();
}

}  // namespace sb::sim
