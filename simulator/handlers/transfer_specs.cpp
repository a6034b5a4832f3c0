#include "simulator/handlers/transfer_specs.hpp"

#include "simulator/transfer/smb_uri.hpp"

#include <algorithm>

namespace sb::sim {
namespace {

std::vector<std::string> split(std::string const& text, char at) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin < text.size();) {
        auto const end = std::min(text.find(at, begin), text.size());
        if (end > begin) parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

int boot_order_of(Vm const& vm, std::string const& uuid) {
    auto const found = std::find(vm.boot_devices.begin(), vm.boot_devices.end(), uuid);
    return found == vm.boot_devices.end() ? 0 : static_cast<int>(found - vm.boot_devices.begin()) + 1;
}

/// Real definitions number every disk and CD-ROM; those outside the VM's boot order come last.
void number_the_rest(VmDefinition& definition) {
    int last = 0;
    for (auto const& disk : definition.disks) last = std::max(last, disk.boot_order);
    for (auto& disk : definition.disks)
        if (disk.boot_order == 0) disk.boot_order = ++last;
}

bool mac_in_use(World const& world, std::string const& mac) {
    for (auto const& vm : world.vms)
        for (auto const& nic : vm.nics)
            if (nic.mac_address == mac) return true;
    return false;
}

}  // namespace

Result<TransferPlace> read_place(Simulator const& sim, json::View from) {
    TransferPlace place;
    place.path_uri = from["pathURI"].text();
    place.definition_file = from["definitionFileName"].text();
    auto const uri = parse_smb_uri(place.path_uri);
    if (!uri) return uri.error();
    auto const mapped = sim.transfer.share_map.find(uri->host + "/" + uri->share);
    if (mapped != sim.transfer.share_map.end()) place.mapped_root = mapped->second;
    return place;
}

VmDefinition definition_of(Vm const& vm) {
    VmDefinition definition;
    definition.name = vm.name;
    definition.description = vm.description;
    definition.uuid = vm.uuid;
    definition.mem_bytes = static_cast<std::uint64_t>(vm.memory);
    definition.num_vcpu = static_cast<int>(vm.cpus);
    definition.operating_system = vm.operating_system;
    definition.machine_type = vm.machine_type;
    definition.cpu_type = vm.cpu_type;
    definition.tags = split(vm.tags, ',');
    for (auto const& device : vm.devices) {
        bool const cdrom = device.type == "IDE_CDROM";
        if (!cdrom && !device.is_disk()) continue;
        definition.disks.push_back(
            {device.type, cdrom ? "" : device.uuid, device.cache_mode, boot_order_of(vm, device.uuid)});
    }
    number_the_rest(definition);
    for (auto const& nic : vm.nics)
        definition.nics.push_back({nic.type, nic.mac_address, static_cast<int>(nic.vlan), nic.connected});
    return definition;
}

Vm vm_from(VmDefinition const& definition, World& world) {
    Vm vm;
    vm.name = definition.name;
    vm.description = definition.description;
    vm.memory = static_cast<std::int64_t>(definition.mem_bytes);
    vm.cpus = definition.num_vcpu;
    vm.operating_system = definition.operating_system;
    vm.machine_type = definition.machine_type;
    vm.cpu_type = definition.cpu_type;
    for (auto const& tag : definition.tags) vm.tags += (vm.tags.empty() ? "" : ",") + tag;
    for (auto const& disk : definition.disks) {
        BlockDevice device;
        device.type = disk.type;
        device.cache_mode = disk.cache_mode;
        vm.devices.push_back(std::move(device));
    }
    for (auto const& nic : definition.nics) {
        NetDevice made;
        made.type = nic.type;
        made.vlan = nic.vlan;
        made.connected = nic.connected;
        if (!mac_in_use(world, nic.mac)) made.mac_address = nic.mac;
        vm.nics.push_back(std::move(made));
    }
    return vm;
}

std::uint32_t duration_ms(Simulator const& sim, std::int64_t bytes) {
    double seconds = sim.transfer.seconds;
    if (sim.transfer.speed > 0)
        seconds = std::max(seconds, static_cast<double>(bytes) / static_cast<double>(sim.transfer.speed));
    return static_cast<std::uint32_t>(
        sim.timeline.scaled(Milliseconds(static_cast<std::int64_t>(seconds * 1000))).count());
}

void add_faults(Simulator& sim, TransferJob& job, char const* call, std::string const& vm_name,
                std::string const& vm_uuid) {
    FaultContext const context{"POST", "", call, vm_name, vm_uuid};
    job.faults = sim.faults.inject(FaultStage::task, context);
    job.on_fault = [&sim, vm_uuid](Fault const& fault) {
        auto* vm = sim.world.vm(vm_uuid);
        if (vm && fault.kind == "vm_renamed") vm->name = fault.text;
        if (vm && fault.kind == "vm_deleted") sim.remove_vm(vm_uuid);
    };
}

void answer_after_probe(Simulator& sim, Request& request, ProbeSpec probe, std::function<Response()> accepted) {
    auto later = std::make_shared<Later>();
    request.later = later;
    auto const heard = [later, accepted](WorkerMessage const& message) {
        if (auto const* failed = std::get_if<Failed>(&message)) later->give(refuse(500, failed->message));
        if (std::holds_alternative<Done>(message)) later->give(accepted());
    };
    sim.desk.transfers().start(std::move(probe), heard);
}

}  // namespace sb::sim
