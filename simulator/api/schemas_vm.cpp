// Bodies of the calls on VMs and their devices.

#include "simulator/api/schema.hpp"

namespace sb::sim::schemas {
namespace {

using Fields = std::vector<Field>;
using enum Type;

std::vector<std::string_view> const device_types{"IDE_DISK",   "SCSI_DISK", "VIRTIO_DISK", "IDE_CDROM",
                                                 "IDE_FLOPPY", "NVRAM",     "VTPM"};
std::vector<std::string_view> const cache_modes{"NONE", "WRITEBACK", "WRITETHROUGH"};
std::vector<std::string_view> const nic_types{"RTL8139", "INTEL_E1000", "VIRTIO", "PCNET"};
std::vector<std::string_view> const states{"RUNNING", "BLOCKED", "PAUSED", "SHUTDOWN", "SHUTOFF", "CRASHED"};
std::vector<std::string_view> const dispositions{"SHUTOFF", "RUNNING", "PAUSED"};
std::vector<std::string_view> const actions{"START",  "SHUTDOWN", "STOP",        "PAUSE",
                                            "REBOOT", "RESET",    "LIVEMIGRATE", "NMI"};

Fields joined(Fields first, Fields const& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

Schema const affinity{{{"strictAffinity", boolean}, {"preferredNodeUUID"}, {"backupNodeUUID"}}};
Schema const cloud_init{{{"userData"}, {"metaData"}}};
Schema const anything{};

Fields device_writable() {
    return {{"virDomainUUID"},
            {"type", string, false, nullptr, device_types},
            {"cacheMode", string, false, nullptr, cache_modes},
            {"capacity", integer},
            {"path"},
            {"slot", integer},
            {"name"},
            {"disableSnapshotting", boolean},
            {"tieringPriorityFactor", integer}};
}

Fields device_read_only() {
    return {{"allocation", integer}, {"physical", integer},         {"shareUUID"},
            {"mountPoints", array},  {"createdTimestamp", integer}, {"readOnly", boolean}};
}

Fields require(Fields fields, std::vector<std::string_view> const& names) {
    for (auto& field : fields)
        for (auto const name : names)
            if (field.name == name) field.required = true;
    return fields;
}

Fields device_full() { return joined({{"uuid"}}, joined(device_writable(), device_read_only())); }

Schema const device{require(device_full(), {"type", "capacity"}), false};

Fields nic_writable() {
    return {{"virDomainUUID"},
            {"type", string, false, nullptr, nic_types},
            {"macAddress"},
            {"vlan", integer},
            {"connected", boolean}};
}

Fields nic_full() { return joined(nic_writable(), {{"uuid"}, {"ipv4Addresses", array}}); }

Schema const nic{nic_full(), false};

Fields vm_writable() {
    return {{"name"},
            {"description"},
            {"operatingSystem"},
            {"mem", integer},
            {"numVCPU", integer},
            {"blockDevs", array, false, &device},
            {"netDevs", array, false, &nic},
            {"tags"},
            {"bootDevices", array},
            {"snapshotScheduleUUID"},
            {"machineType"},
            {"cpuType"},
            {"affinityStrategy", object, false, &affinity},
            {"cloudInitData", object, false, &cloud_init}};
}

Fields vm_full() {
    return joined(vm_writable(), {{"uuid"},
                                  {"nodeUUID"},
                                  {"state", string, false, nullptr, states},
                                  {"desiredDisposition", string, false, nullptr, dispositions},
                                  {"console", object},
                                  {"deprecated_stats", array, false, &anything},
                                  {"created", integer},
                                  {"modified", integer},
                                  {"latestTaskTag", object},
                                  {"uiState"},
                                  {"snapUUIDs", array},
                                  {"snapshotSerialNumber", integer},
                                  {"replicationUUIDs", array},
                                  {"sourceVirDomainUUID"},
                                  {"snapshotListSerialNumber", integer},
                                  {"snapshotAllocationBlocks", integer},
                                  {"guestAgentState"},
                                  {"lastSeenRunningOnNodeUUID"},
                                  {"isTransient", boolean},
                                  {"vsdUUIDsToDelete", array},
                                  {"initialCloneSnapshotUUID"},
                                  {"machineTypeKeyword"}});
}

Schema const open_vm{vm_full(), false};
Schema const closed_vm{vm_full(), true};
Schema const create_options{{{"attachGuestToolsISO", boolean}, {"machineTypeKeyword"}}, true};
Schema const clone_options{{{"regenerateDiskID", boolean}, {"readOnly", boolean}}, true};
Schema const clone_template{
    require(joined(device_writable(), device_read_only()), {"virDomainUUID", "type", "capacity"}), false};

Fields place() {
    return {{"pathURI", string, true},
            {"format"},
            {"definitionFileName"},
            {"allowNonSequentialWrites", boolean},
            {"parallelCountPerTransfer", integer}};
}

Schema const export_target{joined(place(), {{"compress", boolean}, {"compat"}}), true};
Schema const import_source{place(), true};

}  // namespace

Schema const& vm_create() {
    static Schema const schema{{{"dom", object, true, &open_vm}, {"options", object, true, &create_options}}, true};
    return schema;
}

Schema const& vm_replace() { return closed_vm; }

Schema const& vm_patch() {
    static Schema const schema{vm_writable(), true};
    return schema;
}

Schema const& vm_action() {
    static Schema const schema{
        {{"virDomainUUID", string, true}, {"actionType", string, false, nullptr, actions}, {"nodeUUID"}, {"cause"}},
        false};
    return schema;
}

Schema const& vm_clone() {
    static Schema const schema{{{"snapUUID"}, {"template", object, false, &closed_vm}}, false};
    return schema;
}

Schema const& vm_export() {
    static Schema const schema{
        {{"target", object, true, &export_target}, {"snapUUID"}, {"template", object, false, &closed_vm}}, false};
    return schema;
}

Schema const& vm_import() {
    static Schema const schema{{{"source", object, true, &import_source}, {"template", object, false, &closed_vm}},
                               false};
    return schema;
}

Schema const& device_create() {
    static Schema const schema{joined(require(device_writable(), {"type", "capacity"}), {{"shareUUID"}}), true};
    return schema;
}

Schema const& device_replace() {
    static Schema const schema{require(device_full(), {"type", "capacity"}), true};
    return schema;
}

Schema const& device_patch() {
    static Schema const schema{device_writable(), true};
    return schema;
}

Schema const& device_clone() {
    static Schema const schema{{{"options", object, true, &clone_options},
                                {"snapUUID", string, true},
                                {"template", object, true, &clone_template}},
                               true};
    return schema;
}

Schema const& disk_attach() {
    static Schema const schema{{{"options", object, true, &clone_options}, {"template", object, true, &clone_template}},
                               false};
    return schema;
}

Schema const& nic_create() {
    static Schema const schema{nic_writable(), true};
    return schema;
}

Schema const& nic_replace() {
    static Schema const schema{nic_full(), true};
    return schema;
}

}  // namespace sb::sim::schemas
