#include "simulator/transfer/definition_json.hpp"

namespace sb::sim {
namespace {

std::string text_or(json::View in, std::string const& otherwise) {
    return std::string(in.string().value_or(otherwise));
}

int whole_or(json::View in, int otherwise) { return static_cast<int>(in.integer().value_or(otherwise)); }

}  // namespace

void write_definition(json::Writer& out, VmDefinition const& vm) {
    out.begin_object()
        .member("name", vm.name)
        .member("description", vm.description)
        .member("uuid", vm.uuid)
        .member("mem", vm.mem_bytes)
        .member("numVCPU", vm.num_vcpu)
        .member("operatingSystem", vm.operating_system)
        .member("machineType", vm.machine_type)
        .member("cpuType", vm.cpu_type);
    out.key("tags").begin_array();
    for (auto const& tag : vm.tags) out.string(tag);
    out.end_array().key("disks").begin_array();
    for (auto const& disk : vm.disks)
        out.begin_object()
            .member("type", disk.type)
            .member("uuid", disk.uuid)
            .member("cacheMode", disk.cache_mode)
            .member("bootOrder", disk.boot_order)
            .end_object();
    out.end_array().key("nics").begin_array();
    for (auto const& nic : vm.nics)
        out.begin_object()
            .member("type", nic.type)
            .member("macAddress", nic.mac)
            .member("vlan", nic.vlan)
            .member("connected", nic.connected)
            .end_object();
    out.end_array().end_object();
}

VmDefinition read_definition(json::View in) {
    VmDefinition vm;
    vm.name = in["name"].text();
    vm.description = in["description"].text();
    vm.uuid = in["uuid"].text();
    vm.mem_bytes = in["mem"].unsigned_integer().value_or(0);
    vm.num_vcpu = whole_or(in["numVCPU"], vm.num_vcpu);
    vm.operating_system = text_or(in["operatingSystem"], vm.operating_system);
    vm.machine_type = text_or(in["machineType"], vm.machine_type);
    vm.cpu_type = text_or(in["cpuType"], vm.cpu_type);
    for (auto const tag : in["tags"].elements()) vm.tags.push_back(tag.text());
    for (auto const one : in["disks"].elements()) {
        DiskDefinition disk;
        disk.type = text_or(one["type"], disk.type);
        disk.uuid = one["uuid"].text();
        disk.cache_mode = text_or(one["cacheMode"], disk.cache_mode);
        disk.boot_order = whole_or(one["bootOrder"], 0);
        vm.disks.push_back(std::move(disk));
    }
    for (auto const one : in["nics"].elements()) {
        NicDefinition nic;
        nic.type = text_or(one["type"], nic.type);
        nic.mac = one["macAddress"].text();
        nic.vlan = whole_or(one["vlan"], 0);
        nic.connected = one["connected"].boolean().value_or(true);
        vm.nics.push_back(std::move(nic));
    }
    return vm;
}

}  // namespace sb::sim
