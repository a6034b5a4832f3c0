#include "simulator/app/scenario.hpp"

#include "simulator/world/read_vm.hpp"

#include <fstream>
#include <sstream>

namespace sb::sim {
namespace {

Result<json::Document> load(std::string const& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return Error{Errc::invalid_config, "cannot read " + file};
    auto document = json::Document::parse(text.str());
    if (!document) return while_doing(document.error(), file);
    return document;
}

Result<std::int64_t> size_of(json::View from, std::int64_t otherwise) {
    if (auto const number = from.integer()) return *number;
    if (from.is_string()) return parse_size(from.text());
    return otherwise;
}

/// A disk in the API's format, with "size" as a short form of capacity, and "fill" in percent.
Result<BlockDevice> read_disk(json::View from, Options const& options) {
    BlockDevice device;
    set(device.uuid, from["uuid"]);
    read_into(device, from);
    auto const size = size_of(from["size"], device.capacity > 0 ? device.capacity : options.population.disk_size);
    if (!size) return size.error();
    device.capacity = device.type == "IDE_CDROM" ? 0 : *size;
    return device;
}

Result<void> add_vm(Simulator& sim, json::View from, Options const& options) {
    Vm vm;
    read_into(vm, from);
    set(vm.uuid, from["uuid"]);
    set(vm.replica_of, from["sourceVirDomainUUID"]);
    set(vm.transient, from["isTransient"]);
    set(vm.guest_agent, from["guestAgentState"]);
    set(vm.created, from["created"]);
    for (auto const element : from["disks"].elements()) {
        auto device = read_disk(element, options);
        if (!device) return device.error();
        vm.devices.push_back(std::move(*device));
    }
    for (auto const element : from["netDevs"].elements()) {
        NetDevice nic;
        read_into(nic, element);
        vm.nics.push_back(std::move(nic));
    }
    sim.world.complete(vm, sim.now());
    bool const own_order = from["bootDevices"].is_array();
    std::size_t index = 0;
    for (auto const& device : vm.devices) {
        if (!own_order && device.is_disk()) vm.boot_devices.push_back(device.uuid);
        auto const fill = from["disks"].at(index++)["fill"].integer().value_or(options.fill_percent);
        if (!device.is_disk()) continue;
        if (auto made = sim.disks.create(device.uuid, device.capacity, static_cast<int>(fill)); !made) return made;
    }
    if (from["state"].text() == "RUNNING") sim.world.power_on(vm);
    if (from["state"].is_string()) vm.state = from["state"].text();
    auto const snapshots = from["snapshots"].elements();
    sim.world.vms.push_back(std::move(vm));
    for (auto const element : snapshots) {
        Snapshot snapshot;
        set(snapshot.label, element["label"]);
        set(snapshot.type, element["type"]);
        if (auto taken = sim.take_snapshot(sim.world.vms.back(), std::move(snapshot)); !taken) return taken.error();
    }
    return {};
}

void add_role(Simulator& sim, json::View from) {
    Role role{.uuid = sim.world.random.uuid(), .name = from["name"].text(), .description = from["description"].text()};
    role.permissions = read_strings(from["permissions"]);
    sim.world.roles.push_back(std::move(role));
}

/// "roles" by name.
void add_user(Simulator& sim, json::View from) {
    User user{
        .uuid = sim.world.random.uuid(), .username = from["username"].text(), .password = from["password"].text()};
    set(user.session_limit, from["sessionLimit"]);
    for (auto const& name : read_strings(from["roles"]))
        for (auto const& role : sim.world.roles)
            if (role.name == name) user.role_uuids.push_back(role.uuid);
    sim.world.users.push_back(std::move(user));
}

void read_manners(Behaviour& behaviour, json::View from) {
    set(behaviour.session_errors_are_503, from["session_503"]);
    set(behaviour.plain_text_400, from["plain_text_400"]);
    set(behaviour.smb_errors_fail_post, from["smb_errors_fail_post"]);
    set(behaviour.changing, from["changing"]);
    set(behaviour.round_images_to_mib, from["round_images_to_mib"]);
    set(behaviour.cluster_permission, from["cluster_permission"]);
    set(behaviour.session_seconds, from["session_seconds"]);
    if (auto const share = from["changing_share"].number()) behaviour.changing_share = *share;
    if (auto const ms = from["task_ms"].integer()) behaviour.task_time = Milliseconds(*ms);
    if (auto const ms = from["shutdown_ms"].integer()) behaviour.shutdown_time = Milliseconds(*ms);
}

}  // namespace

Result<bool> scenario_has_vms(std::string const& file) {
    auto const document = load(file);
    if (!document) return document.error();
    return document->root()["vms"].is_array();
}

Result<void> apply_scenario(Simulator& sim, Options const& options, std::string const& file) {
    auto const document = load(file);
    if (!document) return document.error();
    auto const root = document->root();
    set(sim.world.cluster.uuid, root["cluster"]["uuid"]);
    set(sim.world.cluster.name, root["cluster"]["clusterName"]);
    set(sim.world.cluster.version, root["cluster"]["icosVersion"]);
    if (root["update"].is_object()) {
        auto update = read_update_status(root["update"]);
        if (!update) return while_doing(update.error(), file);
        sim.world.set_update(std::move(*update));
    }
    read_manners(sim.behaviour, root["behaviour"]);
    for (auto const element : root["roles"].elements()) add_role(sim, element);
    for (auto const element : root["users"].elements()) add_user(sim, element);
    for (auto const element : root["schedules"].elements()) {
        Schedule schedule{.uuid = sim.world.random.uuid()};
        set(schedule.uuid, element["uuid"]);
        read_into(schedule, element);
        sim.world.schedules.push_back(std::move(schedule));
    }
    for (auto const element : root["vms"].elements())
        if (auto added = add_vm(sim, element, options); !added) return while_doing(added.error(), file);
    if (root["faults"].is_array())
        if (auto added = sim.faults.add(root["faults"]); !added) return while_doing(added.error(), file);
    return {};
}

}  // namespace sb::sim
