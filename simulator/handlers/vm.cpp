#include "simulator/api/handlers.hpp"
#include "simulator/world/read_vm.hpp"
#include "simulator/world/write.hpp"

#include <algorithm>

namespace sb::sim::handlers {
namespace {

constexpr std::int64_t mebibyte = 1LL << 20;

void set_machine_type(Vm& vm, std::string const& keyword) {
    if (keyword == "bios") vm.machine_type = "scale-bios-9.3";
    if (keyword == "uefi") vm.machine_type = "scale-uefi-9.3";
    if (keyword == "tpm") vm.machine_type = "scale-uefi-tpm-9.3";
    if (keyword == "tpm-compatible") vm.machine_type = "scale-uefi-tpm-compatible-9.3";
}

void add_medium(Vm& vm, std::int64_t capacity, std::string name) {
    BlockDevice device;
    device.type = "IDE_CDROM";
    device.capacity = capacity;
    device.name = std::move(name);
    vm.devices.push_back(std::move(device));
}

/// The devices that a cluster adds automatically.
void add_implied_devices(Vm& vm, json::View options) {
    add_firmware_devices(vm);
    if (options["attachGuestToolsISO"].boolean().value_or(false)) add_medium(vm, 0, "scale-guest-tools-2.1.iso");
    if (!vm.cloud_init.empty()) add_medium(vm, mebibyte, "cloud-init.iso");
}

}  // namespace

Response vm_list(Simulator& sim, Request& request) {
    auto const each = [&sim](json::Writer& out, Vm& vm) {
        sim.refresh_allocation(vm);
        write(out, vm, sim.tasks, sim.world.snapshots_of(vm.uuid));
    };
    return listed(request, sim.world.vms, each);
}

Response vm_get(Simulator& sim, Request& request) { return vm_list(sim, request); }

Response vm_create(Simulator& sim, Request& request) {
    Vm vm;
    auto const dom = request.json["dom"];
    vm.devices.clear();
    read_into(vm, dom);
    read_devices(vm, dom);
    set_machine_type(vm, request.json["options"]["machineTypeKeyword"].text());
    for (auto& device : vm.devices) {
        device.uuid.clear();
        // Storage is allocated in blocks of 1 MiB.
        if (device.is_disk()) device.capacity = (device.capacity + mebibyte - 1) / mebibyte * mebibyte;
    }
    add_implied_devices(vm, request.json["options"]);
    sim.world.complete(vm, sim.now());
    if (auto made = sim.make_disk_files(vm, 0); !made) return refuse(500, made.error().context);
    auto task = sim.task_for(request, "create", "Create Virtual Machine %@", vm.name, vm.uuid);
    auto const uuid = vm.uuid;
    sim.world.vms.push_back(std::move(vm));
    return result(sim.small_task(std::move(task), nullptr), uuid);
}

Response vm_patch(Simulator& sim, Request& request) {
    auto* vm = sim.world.vm(request.parameters.front());
    if (!vm) return no_such("Virtual machine", request.parameters.front());
    bool const off = vm->state == "SHUTOFF" || vm->state == "CRASHED";
    auto const changes = [&request](char const* key, std::int64_t value) {
        auto const wanted = request.json[key].integer();
        return wanted && *wanted != value;
    };
    if (!off && (changes("mem", vm->memory) || changes("numVCPU", vm->cpus))) return internal_error();
    read_into(*vm, request.json);
    for (auto const element : request.json["blockDevs"].elements())
        if (auto* device = find_by_uuid(vm->devices, element["uuid"].text())) read_into(*device, element);
    for (auto const element : request.json["netDevs"].elements())
        if (auto* nic = find_by_uuid(vm->nics, element["uuid"].text())) read_into(*nic, element);
    vm->modified = sim.now();
    auto task = sim.task_for(request, "patch", "Modify Virtual Machine %@", vm->name, vm->uuid);
    return result(sim.small_task(std::move(task), nullptr));
}

Response vm_delete(Simulator& sim, Request& request) {
    auto const uuid = request.parameters.front();
    auto const* vm = sim.world.vm(uuid);
    if (!vm) return no_such("Virtual machine", uuid);
    if (vm->state == "RUNNING" || vm->state == "PAUSED") return internal_error();
    auto task = sim.task_for(request, "delete", "Delete Virtual Machine %@", vm->name, uuid);
    auto const remove = [&sim, uuid] { sim.remove_vm(uuid); };
    return result(sim.small_task(std::move(task), remove));
}

Response vm_stats(Simulator& sim, Request& request) {
    auto const each = [](json::Writer& out, Vm const& vm) { write_stats(out, vm); };
    return listed(request, sim.world.vms, each);
}

}  // namespace sb::sim::handlers
