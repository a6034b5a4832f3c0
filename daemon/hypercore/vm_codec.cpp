// The list of VMs: what is read of each, and what is skipped.

#include "daemon/hypercore/codec.hpp"

#include "common/json/document.hpp"
#include "common/text/one_line.hpp"
#include "daemon/hypercore/record.hpp"
#include "daemon/hypercore/reply.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <unordered_set>

namespace sb::hypercore {
namespace {

void warn(VmList& list, std::string const& oddity) {
    if (++list.oddities <= VmList::max_warnings) list.warnings.push_back(one_line(oddity));
}

std::vector<std::string> tags_from(json::View value, Scrubber const& scrub) {
    std::vector<std::string> tags;
    auto const add = [&](std::string_view text) {
        for (auto const& tag : split_tags(text)) tags.push_back(scrub.name(tag, max_name));
    };
    if (auto const text = value.string()) add(*text);
    for (auto const& element : value.elements()) add(element.string().value_or(""));
    return tags;
}

int slot_from(json::View value) {
    auto const slot = value.integer().value_or(-1);
    return slot < 0 || slot > std::numeric_limits<int>::max() ? -1 : static_cast<int>(slot);
}

core::Disk disk_from(json::View device, Scrubber const& scrub) {
    core::Disk disk;
    disk.uuid = DiskUuid(identity_from(device["uuid"]));
    disk.type = device["type"].text();  // as it is: it decides whether a backup needs an image of this device
    disk.capacity_bytes = device["capacity"].unsigned_integer().value_or(0);
    disk.allocation_bytes = device["allocation"].unsigned_integer().value_or(0);
    disk.slot = slot_from(device["slot"]);
    disk.name = name_from(device["name"], scrub);
    disk.without_snapshots = device["disableSnapshotting"].boolean().value_or(false);
    disk.cache_mode = device["cacheMode"].text();  // as it is: a clone of the disk gets it
    disk.tiering_priority = device["tieringPriorityFactor"].integer();
    return disk;
}

std::vector<core::Disk> disks_from(json::View devices, Scrubber const& scrub, std::string const& vm, VmList& list) {
    std::vector<core::Disk> disks;
    for (auto const& device : devices.elements()) {
        auto disk = disk_from(device, scrub);
        if (disk.uuid.empty()) {
            // A disk counts nevertheless: a backup without its image is incomplete.
            bool const is_disk = core::is_exported(disk);
            warn(list, "a block device of VM " + vm + " has no uuid" + (is_disk ? "" : " and is skipped"));
            if (!is_disk) continue;
        }
        disks.push_back(std::move(disk));
    }
    return disks;
}

core::Vm vm_from(json::View record, Scrubber const& scrub, VmList& list) {
    core::Vm vm;
    vm.uuid = VmUuid(identity_from(record["uuid"]));
    vm.name = name_from(record["name"], scrub);
    vm.description = scrub.beginning(record["description"].string().value_or(""), max_text);
    vm.tags = tags_from(record["tags"], scrub);
    vm.state = scrub.name(record["state"].string().value_or(""), max_word);
    vm.disks = disks_from(record["blockDevs"], scrub, vm.uuid.text(), list);
    vm.transient = record["isTransient"].boolean().value_or(false);
    vm.replica = !record["sourceVirDomainUUID"].string().value_or("").empty();
    auto task = task_from(record["latestTaskTag"], scrub);
    if (!task.tag.empty()) vm.last_task = std::move(task);
    vm.vcpus = static_cast<int>(std::clamp<std::int64_t>(record["numVCPU"].integer().value_or(0), 0, 100'000));
    vm.memory_bytes = record["mem"].unsigned_integer().value_or(0);
    if (record["netDevs"].is_array()) vm.nics = record["netDevs"].size();
    return vm;
}

/// Without some of its tags, the last VM may not be selected, so this is not silent.
void limit_tags(VmList& list) {
    auto& vm = list.vms.back();
    if (vm.tags.size() <= max_tags_of_vm) return;
    warn(list, "VM " + vm.uuid.text() + " has " + std::to_string(vm.tags.size()) + " tags: only the first " +
                   std::to_string(max_tags_of_vm) + " are used");
    vm.tags.resize(max_tags_of_vm);
}

/// Why a VM cannot be used; empty if it can.
std::string unusable(json::View record, VmList const& list, std::size_t disks) {
    if (record["uuid"].string().value_or("").empty()) return ".uuid is missing: this VM is skipped";
    if (identity_from(record["uuid"]).empty()) return ".uuid is not a uuid: this VM is skipped";
    if (list.vms.size() >= max_vms) return " is beyond the first " + std::to_string(max_vms) + " VMs and is skipped";
    auto const own = record["blockDevs"].size();
    if (own > max_disks_of_vm || disks + own > max_disks)
        return " has more block devices than expected (" + std::to_string(own) + "): this VM is skipped";
    return {};
}

}  // namespace

Result<VmList> decode_vms(std::string_view body, Scrubber const& scrub) {
    auto const document = parse_reply(body);
    if (!document) return document.error();
    if (!document->root().is_array()) return unexpected_reply("a list of VMs was expected");
    VmList list;
    std::unordered_set<std::string> seen;
    std::size_t index = 0, disks = 0;
    for (auto const& record : document->root().elements()) {
        std::string const at = "[" + std::to_string(index++) + "]";
        auto const why_not = unusable(record, list, disks);
        auto const uuid = identity_from(record["uuid"]);
        if (!why_not.empty()) {
            warn(list, at + why_not);
            list.vms.complete = false;
        } else if (!seen.insert(uuid).second) {
            warn(list, at + " repeats the uuid " + uuid + ": the first one is used");
            list.vms.complete = false;
        } else {
            disks += record["blockDevs"].size();
            list.vms.push_back(vm_from(record, scrub, list));
            limit_tags(list);
        }
    }
    if (list.vms.empty() && !list.warnings.empty()) return unexpected_reply(list.warnings.front());
    return list;
}

}  // namespace sb::hypercore
