#include "daemon/verify/definition.hpp"

#include "common/text/ascii.hpp"
#include "daemon/verify/defect.hpp"
#include "daemon/platform/folder.hpp"

#include <pugixml.hpp>

#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace sb::verify {
namespace {

std::uint64_t bytes_of(pugi::xml_node memory) {
    struct Unit {
        std::string_view name;
        std::uint64_t bytes;
    };
    // libvirt's units; without one it is KiB.
    static constexpr std::array<Unit, 12> units{{{"", 1u << 10},
                                                 {"b", 1},
                                                 {"bytes", 1},
                                                 {"KB", 1000},
                                                 {"k", 1u << 10},
                                                 {"KiB", 1u << 10},
                                                 {"MB", 1000000},
                                                 {"M", 1u << 20},
                                                 {"MiB", 1u << 20},
                                                 {"GB", 1000000000},
                                                 {"G", 1u << 30},
                                                 {"GiB", 1u << 30}}};
    std::string_view const name = memory.attribute("unit").as_string();
    std::uint64_t const count = memory.text().as_ullong();
    for (auto const& unit : units)
        if (unit.name == name) return count > UINT64_MAX / unit.bytes ? 0 : count * unit.bytes;
    return 0;
}

/// <metadata><scale-metadata><tags><tag name="…"/>; before 2016 there was no scale-metadata.
std::vector<std::string> tags_of(pugi::xml_node domain) {
    std::vector<std::string> tags;
    for (auto const tag : domain.child("metadata").child("scale-metadata").child("tags").children("tag"))
        if (std::string name = tag.attribute("name").as_string(); !name.empty()) {
            tags.push_back(std::move(name));
            if (tags.size() > max_definition_entries) break;
        }
    return tags;
}

Error too_many(std::string const& what) {
    return damaged("the definition lists more than " + std::to_string(max_definition_entries) + " " + what +
                   ", which no VM has");
}

/// "scribe/4ad0f0d2-…" -> "4ad0f0d2-…". The name becomes a file name, so it must be a single path component.
Result<std::string> base_of(pugi::xml_node source) {
    std::string_view name = source.attribute("name").as_string();
    if (name.empty()) return std::string();
    constexpr std::string_view scheme = "scribe/";
    if (name.starts_with(scheme)) name.remove_prefix(scheme.size());
    if (!platform::is_plain_name(name) || name.find('\\') != name.npos)
        return damaged("the definition lists a disk '" + std::string(name) + "', which is not a valid file name");
    return std::string(name);
}

Result<DefinedDisk> disk_of(pugi::xml_node node) {
    DefinedDisk disk;
    disk.device = node.attribute("device").as_string("disk");  // libvirt's default
    auto base = base_of(node.child("source"));
    if (!base) return base.error();
    disk.base = std::move(*base);
    disk.bus = node.child("target").attribute("bus").as_string();
    disk.target = node.child("target").attribute("dev").as_string();
    disk.serial = node.child("serial").text().as_string();
    disk.boot_order = node.child("boot").attribute("order").as_int();
    return disk;
}

/// Whatever libvirt's versions call it: the element's text, or an attribute of a source below it.
void add_states(pugi::xml_node device, std::vector<std::string>& states) {
    auto const add = [&](std::string_view name) {
        name = trimmed(name, spaces_and_line_ends);
        if (auto const slash = name.rfind('/'); slash != name.npos) name.remove_prefix(slash + 1);
        if (!name.empty()) states.emplace_back(name);
    };
    add(device.text().as_string());
    auto const source = device.find_node([](pugi::xml_node node) { return std::strcmp(node.name(), "source") == 0; });
    for (auto const* attribute : {"name", "file", "path", "dev"}) add(source.attribute(attribute).as_string());
}

}  // namespace

Result<Definition> parse_definition(std::string_view file) {
    if (file.size() > max_definition_bytes) return damaged("the definition is too large to come from a cluster");
    auto const text = file.substr(0, file.find('\0'));
    auto const content = trimmed(text, spaces_and_line_ends);
    if (content.empty()) return Error{Errc::incomplete_backup, "the definition is empty"};
    if (content.front() != '<' && !text.starts_with("\xEF\xBB\xBF")) return damaged("the definition is not XML");

    pugi::xml_document xml;
    auto const parsed =
        xml.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_doctype, pugi::encoding_utf8);
    if (!parsed) {
        // An open element at the very end means that the file is truncated.
        bool const truncated =
            parsed.status != pugi::status_out_of_memory && static_cast<std::size_t>(parsed.offset) + 1 >= text.size();
        return Error{truncated ? Errc::incomplete_backup : Errc::damaged_backup,
                     std::string("the definition is not complete XML: ") + parsed.description() + " at byte " +
                         std::to_string(parsed.offset)};
    }
    for (auto const node : xml.children())
        if (node.type() == pugi::node_doctype) return damaged("the definition has a DOCTYPE, which exports never have");
    auto const domain = xml.document_element();
    if (std::strcmp(domain.name(), "domain") != 0)
        return damaged("the definition describes '" + std::string(domain.name()) + "', not a VM ('domain')");

    Definition definition;
    definition.name = domain.child("name").text().as_string();
    definition.description = domain.child("description").text().as_string();
    definition.uuid = domain.child("uuid").text().as_string();
    definition.vcpus = domain.child("vcpu").text().as_int();
    definition.memory_bytes = bytes_of(domain.child("memory"));
    definition.tags = tags_of(domain);
    if (definition.name.empty()) return damaged("the definition does not name a VM");
    if (definition.tags.size() > max_definition_entries) return too_many("tags");
    auto const devices = domain.child("devices");
    for (auto const node : devices.children("disk")) {
        auto disk = disk_of(node);
        if (!disk) return disk.error();
        definition.disks.push_back(std::move(*disk));
        if (definition.disks.size() > max_definition_entries) return too_many("disks");
    }
    for (auto const node : devices.children("interface")) {
        if (definition.nics.size() == max_definition_entries) return too_many("network cards");
        definition.nics.push_back({.mac = node.child("mac").attribute("address").as_string(),
                                   .model = node.child("model").attribute("type").as_string(),
                                   .bridge = node.child("source").attribute("bridge").as_string()});
    }
    auto const nvram = domain.child("os").child("nvram");
    auto const tpm = devices.child("tpm");
    definition.has_nvram = !nvram.empty();
    definition.has_tpm = !tpm.empty();
    add_states(nvram, definition.states);
    add_states(tpm, definition.states);
    return definition;
}

}  // namespace sb::verify
