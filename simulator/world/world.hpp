#pragma once
// The whole simulated cluster as one value, and how to find things in it.

#include "simulator/world/model.hpp"
#include "simulator/world/random.hpp"
#include "simulator/world/update_status.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::sim {

struct World {
    explicit World(std::uint64_t seed) : random(seed) {}

    Random random;
    ClusterInfo cluster;
    UpdateStatus update;
    std::vector<Node> nodes;
    std::vector<Vm> vms;
    std::vector<Snapshot> snapshots;
    std::vector<Schedule> schedules;
    std::vector<VirtualDisk> virtual_disks;
    std::vector<Iso> isos;
    std::vector<Condition> conditions;
    std::vector<Role> roles;
    std::vector<User> users;
    std::vector<Session> sessions;

    /// All finders return nullptr if there is no match; a pointer is valid until its list changes.
    Vm* vm(std::string_view uuid);
    Vm* vm_named(std::string_view name);
    BlockDevice* device(std::string_view uuid);
    NetDevice* nic(std::string_view uuid);
    Snapshot* snapshot(std::string_view uuid);
    User* user_named(std::string_view name);
    std::vector<std::string> snapshots_of(std::string_view vm_uuid) const;  ///< oldest first

    /// Assigns missing uuids, slots, MACs and creation times to a VM's devices.
    void complete(Vm& vm, std::int64_t now);
    void power_on(Vm& vm);
    static void power_off(Vm& vm);
    /// The condition updateInProgress follows.
    void set_update(UpdateStatus status);
    bool may(User const& user, std::string_view permission) const;
};

template <class List>
auto* find_by_uuid(List& list, std::string_view uuid) {
    for (auto& item : list)
        if (item.uuid == uuid) return &item;
    return static_cast<decltype(&list.front())>(nullptr);
}

/// Adds the NVRAM and TPM devices that UEFI machine types have.
void add_firmware_devices(Vm& vm);

/// The contents of a new cluster unless a scenario replaces them.
struct Population {
    std::size_t vms = 4;
    std::size_t disks_per_vm = 1;
    std::int64_t disk_size = 64LL << 20;
    std::size_t nodes = 3;
    std::string username = "admin";
    std::string password = "admin";
    std::int64_t now = 0;
};

/// Nodes, roles, conditions and one user with all permissions.
void add_infrastructure(World& world, Population const& population);
/// VMs with realistic names: FILE01, WEB01, …
void add_vms(World& world, Population const& population);

}  // namespace sb::sim
