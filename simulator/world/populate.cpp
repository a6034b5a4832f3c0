// A new cluster: its contents unless a scenario replaces them.

#include "simulator/world/world.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>

namespace sb::sim {
namespace {

struct Kind {
    char const* stem;
    char const* description;
    char const* system;
    char const* tags;
    bool running;
};

constexpr std::array<Kind, 8> kinds{{
    {"FILE", "file server", "os_windows_server_2012", "prod,backup", true},
    {"WEB", "web server", "os_other", "prod,web", true},
    {"SQL", "database", "os_windows_server_2012", "prod,backup,sql", true},
    {"MAIL", "mail server", "os_other", "prod,backup", true},
    {"DC", "domain controller", "os_windows_server_2012", "prod,infra", true},
    {"PRINT", "print server", "os_windows_server_2012", "office", false},
    {"BUILD", "build machine", "os_other", "dev", true},
    {"TEST", "test machine", "os_other", "dev", false},
}};

Role role(World& world, char const* name, char const* description, std::vector<std::string> permissions) {
    return {world.random.uuid(), name, description, std::move(permissions)};
}

void add_nodes(World& world, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        Node node{.uuid = world.random.uuid(),
                  .lan_ip = fmt::format("10.20.0.{}", 11 + i),
                  .backplane_ip = fmt::format("10.0.0.{}", 11 + i),
                  .peer_id = static_cast<std::int64_t>(i + 1)};
        for (int slot = 0; slot < 4; ++slot) {
            node.drives.push_back({.uuid = world.random.uuid(),
                                   .slot = slot,
                                   .serial = fmt::format("SIM{:05X}", world.random.below(0xfffff)),
                                   .type = slot == 0 ? "SSD" : "SATA",
                                   .capacity = 2000LL << 30,
                                   .used = 300LL << 30});
        }
        world.nodes.push_back(std::move(node));
    }
}

void add_conditions(World& world) {
    for (auto const& node : world.nodes) {
        world.conditions.push_back({.name = "nodeOffline",
                                    .description = "Node is offline",
                                    .severity = "CRITICAL",
                                    .node_uuid = node.uuid,
                                    .node_ip = node.lan_ip,
                                    .tags = {"node"}});
        world.conditions.push_back({.name = "driveFailed",
                                    .description = "A drive has failed",
                                    .severity = "ERROR",
                                    .node_uuid = node.uuid,
                                    .node_ip = node.lan_ip,
                                    .tags = {"storage"}});
    }
    world.conditions.push_back({.name = "updateInProgress", .description = "An update is in progress"});
    world.conditions.push_back({.name = "singleDiskRedundancy",
                                .description = "Storage has lost redundancy",
                                .severity = "ALERT",
                                .tags = {"storage"}});
    world.conditions.push_back({.name = "remoteSupportEnabled",
                                .description = "Remote support is enabled",
                                .value = true,
                                .severity = "NOTICE"});
}

}  // namespace

void add_infrastructure(World& world, Population const& population) {
    world.cluster.uuid = world.random.uuid();
    world.cluster.filesystem_id = world.random.uuid();
    add_nodes(world, population.nodes);
    add_conditions(world);
    world.roles.push_back(role(world, "Admin", "All permissions", {"*"}));
    world.roles.push_back(role(world, "Backup", "Snapshots and exports", {"Cluster Read", "Backup"}));
    world.roles.push_back(role(world, "Read", "Read only", {"Cluster Read"}));
    world.users.push_back({.uuid = world.random.uuid(),
                           .username = population.username,
                           .password = population.password,
                           .full_name = "Cluster Administrator",
                           .role_uuids = {world.roles.front().uuid}});
}

void add_vms(World& world, Population const& population) {
    for (std::size_t i = 0; i < population.vms; ++i) {
        Kind const& kind = kinds[i % kinds.size()];
        Vm vm;
        vm.name = fmt::format("{}{:02}", kind.stem, i / kinds.size() + 1);
        vm.description = kind.description;
        vm.operating_system = kind.system;
        vm.tags = kind.tags;
        vm.created = vm.modified = population.now - 86400 * 30;
        for (std::size_t d = 0; d < population.disks_per_vm; ++d) {
            BlockDevice disk;
            disk.capacity = population.disk_size;
            vm.devices.push_back(std::move(disk));
        }
        BlockDevice cdrom;
        cdrom.type = "IDE_CDROM";
        vm.devices.push_back(std::move(cdrom));
        NetDevice nic;
        nic.ipv4_addresses = {fmt::format("10.20.{}.{}", 20 + i / 200, 15 + i % 200)};
        vm.nics.push_back(std::move(nic));
        world.complete(vm, population.now - 86400 * 30);
        for (auto const& device : vm.devices)
            if (device.is_disk()) vm.boot_devices.push_back(device.uuid);
        if (kind.running) world.power_on(vm);
        world.vms.push_back(std::move(vm));
    }
}

}  // namespace sb::sim
