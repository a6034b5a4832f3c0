#pragma once
// The parts of a cluster as plain values. Field names are ours; the API's names are only in write_*.cpp and
// read_vm.cpp. Sizes are bytes, times are Unix seconds unless noted otherwise.

#include <cstdint>
#include <string>
#include <vector>

namespace sb::sim {

struct BlockDevice {
    std::string uuid;
    std::string vm_uuid;
    std::string type = "VIRTIO_DISK";
    std::string cache_mode = "WRITETHROUGH";
    std::int64_t capacity = 0;
    std::int64_t allocation = 0;
    std::string path;
    std::int64_t slot = -1;
    std::string name;
    bool disable_snapshotting = false;
    std::int64_t tiering_factor = 8;
    std::int64_t created = 0;
    bool read_only = false;

    /// Has guest data in a file of the simulator, and is exported: all types that end in _DISK.
    bool is_disk() const { return type.ends_with("_DISK"); }
};

struct NetDevice {
    std::string uuid;
    std::string vm_uuid;
    std::string type = "VIRTIO";
    std::string mac_address;
    std::int64_t vlan = 0;
    bool connected = true;
    std::vector<std::string> ipv4_addresses;
};

struct Affinity {
    bool strict = false;
    std::string preferred_node;
    std::string backup_node;
};

struct CloudInit {
    std::string user_data;  ///< base64
    std::string meta_data;  ///< base64
    bool empty() const { return user_data.empty() && meta_data.empty(); }
};

struct Vm {
    std::string uuid;
    std::string name;
    std::string description;
    std::string operating_system = "os_other";
    std::string state = "SHUTOFF";
    std::string node_uuid;  ///< "" while off
    std::string last_node_uuid;
    std::int64_t memory = 4LL << 30;
    std::int64_t cpus = 2;
    std::vector<BlockDevice> devices;
    std::vector<NetDevice> nics;
    std::vector<std::string> boot_devices;
    std::string tags;  ///< comma separated
    std::int64_t created = 0;
    std::int64_t modified = 0;
    std::string snapshot_schedule;
    std::int64_t snapshot_serial = 0;
    std::vector<std::string> replications;
    std::string replica_of;  ///< not empty = this VM is a replication target
    std::string initial_clone_snapshot;
    std::string machine_type = "scale-7.2";
    std::string cpu_type = "clusterBaseline-7.3";
    std::string guest_agent = "UNAVAILABLE";
    bool transient = false;
    Affinity affinity;
    CloudInit cloud_init;
    std::int64_t console_port = 0;  ///< 0 while off
};

struct Snapshot {
    std::string uuid;
    std::string vm_uuid;
    std::int64_t timestamp = 0;
    std::string label;
    std::string type = "USER";
    bool replication = true;
    std::int64_t automated_trigger = 0;
    std::int64_t local_retain_until = 0;  ///< 0 = kept until it is deleted
    std::int64_t remote_retain_until = 0;
    std::int64_t diff_from_serial = -1;
    std::int64_t serial = 0;
    Vm domain;  ///< the VM at that time
};

struct RecurrenceRule {
    std::string uuid;
    std::string name;
    std::string start;
    std::string rule;
    std::int64_t local_retention = 0;
    std::int64_t remote_retention = 0;
    bool replication = true;
};

struct Schedule {
    std::string uuid;
    std::string name;
    std::vector<RecurrenceRule> rules;
};

struct VirtualDisk {
    std::string uuid;
    std::string name;
    std::int64_t capacity = 0;
    std::int64_t allocation = 0;
};

struct Iso {
    std::string uuid;
    std::string name;
    std::int64_t size = 0;
    bool ready = false;
};

struct Drive {
    std::string uuid;
    std::int64_t slot = 0;
    std::string serial;
    std::string type = "SSD";
    std::int64_t capacity = 0;
    std::int64_t used = 0;
};

struct Node {
    std::string uuid;
    std::string lan_ip;
    std::string backplane_ip;
    std::int64_t peer_id = 0;
    std::int64_t memory = 64LL << 30;
    std::vector<Drive> drives;
};

struct Condition {
    std::string name;
    std::string description;
    bool value = false;
    bool ok = true;
    std::string severity = "INFO";
    std::string node_uuid;
    std::string node_ip;
    std::vector<std::string> tags;
};

struct Role {
    std::string uuid;
    std::string name;
    std::string description;
    std::vector<std::string> permissions;
};

struct User {
    std::string uuid;
    std::string username;
    std::string password;
    std::string full_name;
    std::vector<std::string> role_uuids;
    std::int64_t session_limit = 0;  ///< 0 = no limit
};

struct Session {
    std::string id;
    std::string user_uuid;
    std::int64_t expires = 0;
};

struct ClusterInfo {
    std::string uuid;
    std::string name = "hc3-sim";
    std::string version = "9.4.30.217736";
    std::string filesystem_id;
    bool rest_enabled = true;
};

}  // namespace sb::sim
