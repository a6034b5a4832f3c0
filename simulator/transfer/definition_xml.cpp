#include "simulator/transfer/definition_xml.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace sb::sim {
namespace {

constexpr std::size_t sector = 512;
constexpr std::string_view storage_prefix = "scribe/";

/// The API's name and the definition's name of the same thing; the first row is the default for unknown names.
struct NamePair {
    char const* api;
    char const* xml;
};
constexpr std::array<NamePair, 3> caches{
    {{"WRITETHROUGH", "writethrough"}, {"WRITEBACK", "writeback"}, {"NONE", "none"}}};
constexpr std::array<NamePair, 3> buses{{{"VIRTIO_DISK", "virtio"}, {"SCSI_DISK", "scsi"}, {"IDE_DISK", "ide"}}};
constexpr std::array<NamePair, 4> nic_models{
    {{"VIRTIO", "virtio"}, {"INTEL_E1000", "e1000"}, {"RTL8139", "rtl8139"}, {"PCNET", "pcnet"}}};

template <std::size_t N>
char const* to_xml(std::array<NamePair, N> const& table, std::string_view api) {
    auto const row = std::ranges::find(table, api, &NamePair::api);
    return row == table.end() ? table[0].xml : row->xml;
}

template <std::size_t N>
char const* to_api(std::array<NamePair, N> const& table, std::string_view xml) {
    auto const row = std::ranges::find(table, xml, &NamePair::xml);
    return row == table.end() ? table[0].api : row->api;
}

pugi::xml_node child(pugi::xml_node parent, char const* name) { return parent.append_child(name); }

template <class Value>
pugi::xml_node with(pugi::xml_node node, char const* attribute, Value const& value) {
    node.append_attribute(attribute) = value;
    return node;
}

pugi::xml_node with(pugi::xml_node node, char const* attribute, std::string const& value) {
    return with(node, attribute, value.c_str());
}

void text(pugi::xml_node parent, char const* name, std::string const& value) {
    child(parent, name).text().set(value.c_str());
}

void add_metadata(pugi::xml_node domain, VmDefinition const& vm) {
    auto scale = child(child(domain, "metadata"), "scale-metadata");
    with(scale, "xmlns", "http://www.scalecomputing.com/scaled");
    with(child(scale, "os"), "uuid", vm.operating_system);
    auto tags = child(scale, "tags");
    for (auto const& tag : vm.tags) with(child(tags, "tag"), "name", tag);
    with(child(scale, "cpu"), "name", vm.cpu_type);
    with(child(scale, "machine"), "name", vm.machine_type);
}

void add_platform(pugi::xml_node domain) {
    auto features = child(domain, "features");
    for (auto const* name : {"acpi", "apic", "pae"}) child(features, name);
    auto clock = with(child(domain, "clock"), "offset", "utc");
    with(with(child(clock, "timer"), "name", "pit"), "tickpolicy", "delay");
    with(with(child(clock, "timer"), "name", "rtc"), "tickpolicy", "catchup");
    text(domain, "on_poweroff", "destroy");
    text(domain, "on_reboot", "restart");
    text(domain, "on_crash", "restart");
}

void add_agent_channel(pugi::xml_node devices, std::string const& vm_uuid) {
    auto controller = with(with(child(devices, "controller"), "type", "virtio-serial"), "index", "0");
    auto address = with(with(child(controller, "address"), "type", "pci"), "domain", "0x0000");
    with(with(with(address, "bus", "0x00"), "slot", "0x1f"), "function", "0x0");
    auto channel = with(child(devices, "channel"), "type", "unix");
    with(with(child(channel, "source"), "mode", "bind"), "path", "/var/lib/libvirt/qemu/" + vm_uuid + ".agent");
    with(with(child(channel, "target"), "type", "virtio"), "name", "org.qemu.guest_agent.0");
}

/// vda, vdb … by bus; after z it continues with two letters, like the kernel's names for disks.
class DeviceNames {
public:
    std::string next(std::string_view bus) {
        std::size_t const row = bus == "virtio" ? 0U : bus == "scsi" ? 1U : 2U;
        std::string letters;
        for (int n = ++used_[row]; n > 0; n = (n - 1) / 26)
            letters.insert(letters.begin(), static_cast<char>('a' + (n - 1) % 26));
        constexpr std::array<std::string_view, 3> prefixes{"vd", "sd", "hd"};
        return std::string(prefixes[row]) + letters;
    }

private:
    std::array<int, 3> used_{};
};

void add_disk(pugi::xml_node devices, DiskDefinition const& disk, DeviceNames& names) {
    auto node = child(devices, "disk");
    if (!disk.is_cdrom()) with(node, "type", "network");
    with(node, "device", disk.is_cdrom() ? "cdrom" : "disk");
    if (disk.boot_order > 0) with(child(node, "boot"), "order", disk.boot_order);
    with(with(with(child(node, "driver"), "name", "qemu"), "type", "scribe"), "cache", to_xml(caches, disk.cache_mode));
    char const* bus = disk.is_cdrom() ? "ide" : to_xml(buses, disk.type);
    if (!disk.is_cdrom()) {
        with(with(child(node, "source"), "protocol", "scribe"), "name", std::string(storage_prefix) + disk.uuid);
        text(node, "serial", disk.uuid.substr(0, 8));
    }
    with(with(child(node, "target"), "dev", names.next(bus)), "bus", bus);
    if (disk.is_cdrom()) {
        child(node, "readonly");
    } else {
        auto geometry = with(with(child(node, "geometry"), "cyls", "16383"), "heads", "16");
        with(with(geometry, "secs", "63"), "trans", "lba");
    }
}

void add_nic(pugi::xml_node devices, NicDefinition const& nic, int num_vcpu) {
    auto node = with(child(devices, "interface"), "type", "bridge");
    with(child(node, "mac"), "address", nic.mac);
    with(child(node, "model"), "type", to_xml(nic_models, nic.type));
    with(child(node, "link"), "state", nic.connected ? "up" : "down");
    with(child(node, "driver"), "queues", num_vcpu);
    with(child(node, "source"), "bridge", "lan");
    if (nic.vlan != 0) with(child(child(node, "vlan"), "tag"), "id", nic.vlan);
}

std::string base_of(std::string_view source) {
    std::size_t const slash = source.rfind('/');
    return std::string(slash == std::string_view::npos ? source : source.substr(slash + 1));
}

DiskDefinition parse_disk(pugi::xml_node node) {
    DiskDefinition disk;
    bool const cdrom = std::string_view(node.attribute("device").value()) == "cdrom";
    disk.type = cdrom ? "IDE_CDROM" : to_api(buses, node.child("target").attribute("bus").value());
    disk.cache_mode = to_api(caches, node.child("driver").attribute("cache").value());
    disk.boot_order = node.child("boot").attribute("order").as_int();
    if (!cdrom) disk.uuid = base_of(node.child("source").attribute("name").value());
    return disk;
}

NicDefinition parse_nic(pugi::xml_node node) {
    NicDefinition nic;
    nic.type = to_api(nic_models, node.child("model").attribute("type").value());
    nic.mac = node.child("mac").attribute("address").value();
    nic.vlan = node.child("vlan").child("tag").attribute("id").as_int();
    nic.connected = std::string_view(node.child("link").attribute("state").value()) != "down";
    return nic;
}

}  // namespace

std::string definition_xml(VmDefinition const& vm) {
    pugi::xml_document document;
    auto domain = with(document.append_child("domain"), "type", "kvm");
    text(domain, "name", vm.name);
    text(domain, "description", vm.description);
    text(domain, "uuid", vm.uuid);
    auto memory = with(child(domain, "memory"), "unit", "KiB");
    memory.text().set(std::to_string(vm.mem_bytes / 1024).c_str());
    with(child(domain, "vcpu"), "placement", "static").text().set(vm.num_vcpu);
    auto topology = with(child(child(domain, "cpu"), "topology"), "sockets", "1");
    with(with(topology, "cores", vm.num_vcpu), "threads", "1");
    auto os_type = with(child(child(domain, "os"), "type"), "arch", "x86_64");
    with(os_type, "machine", "pc-i440fx-rhel7.0.0").text().set("hvm");
    add_metadata(domain, vm);
    add_platform(domain);
    auto devices = child(domain, "devices");
    text(devices, "emulator", "/usr/libexec/qemu-kvm");
    with(with(child(devices, "input"), "type", "tablet"), "bus", "usb");
    add_agent_channel(devices, vm.uuid);
    with(child(devices, "memballoon"), "model", "none");
    DeviceNames names;
    for (auto const& disk : vm.disks) add_disk(devices, disk, names);
    for (auto const& nic : vm.nics) add_nic(devices, nic, vm.num_vcpu);
    with(child(child(devices, "video"), "model"), "type", "vga");
    with(with(child(devices, "graphics"), "type", "vnc"), "autoport", "yes");

    std::ostringstream file;
    document.save(file, "  ", pugi::format_indent | pugi::format_no_declaration, pugi::encoding_utf8);
    std::string bytes = std::move(file).str();
    bytes.resize((bytes.size() + sector - 1) / sector * sector, '\0');
    return bytes;
}

Result<VmDefinition> parse_definition_xml(std::string_view file) {
    auto const malformed = [](std::string why) { return Error{Errc::malformed, "definition: " + std::move(why)}; };
    std::string_view const xml = file.substr(0, file.find('\0'));
    pugi::xml_document document;
    // ws_pcdata_single: keeps a name or description that consists of spaces only.
    unsigned const options = pugi::parse_default | pugi::parse_ws_pcdata_single;
    auto const parsed = document.load_buffer(xml.data(), xml.size(), options);
    if (!parsed) return malformed(std::string(parsed.description()) + " at byte " + std::to_string(parsed.offset));
    auto const domain = document.child("domain");
    if (!domain) return malformed("no <domain> element");
    VmDefinition vm;
    vm.name = domain.child("name").text().get();
    if (vm.name.empty()) return malformed("no name");
    vm.description = domain.child("description").text().get();
    vm.uuid = domain.child("uuid").text().get();
    vm.mem_bytes = domain.child("memory").text().as_ullong() * 1024;
    vm.num_vcpu = domain.child("vcpu").text().as_int(1);
    auto const scale = domain.child("metadata").child("scale-metadata");
    vm.operating_system = scale.child("os").attribute("uuid").as_string("os_other");
    vm.machine_type = scale.child("machine").attribute("name").as_string(vm.machine_type.c_str());
    vm.cpu_type = scale.child("cpu").attribute("name").as_string(vm.cpu_type.c_str());
    for (auto const tag : scale.child("tags").children("tag")) vm.tags.emplace_back(tag.attribute("name").value());
    auto const devices = domain.child("devices");
    for (auto const disk : devices.children("disk")) vm.disks.push_back(parse_disk(disk));
    for (auto const nic : devices.children("interface")) vm.nics.push_back(parse_nic(nic));
    return vm;
}

}  // namespace sb::sim
