#include "daemon/hypercore/codec.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "common/text/ascii.hpp"
#include "daemon/hypercore/reply.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_set>

namespace sb::hypercore {
namespace {

std::string parameter_text(json::View value) {
    if (auto const text = value.string()) return std::string(*text);
    return value.is_null() ? std::string() : value.dump();
}

std::string message_text(json::View format, json::View parameters) {
    std::vector<std::string> texts;
    for (auto const& parameter : parameters.elements()) texts.push_back(parameter_text(parameter));
    return put_in(format.string().value_or(""), texts);
}

core::TaskState state_from(std::string_view word) {
    using core::TaskState;
    static constexpr std::array<std::pair<std::string_view, TaskState>, 5> known{
        {{"UNINITIALIZED", TaskState::uninitialized},
         {"QUEUED", TaskState::queued},
         {"RUNNING", TaskState::running},
         {"COMPLETE", TaskState::complete},
         {"ERROR", TaskState::error}}};
    auto const it = std::ranges::find(known, word, &std::pair<std::string_view, TaskState>::first);
    return it == known.end() ? TaskState::unknown : it->second;
}

core::TaskReport task_from(json::View record, Scrubber const& scrub) {
    core::TaskReport task;
    task.tag = TaskTag(text_or_number(record["taskTag"]));
    task.state_word = scrub(record["state"].string().value_or(""));
    task.state = state_from(task.state_word);
    task.percent = static_cast<int>(std::clamp(record["progressPercent"].number().value_or(0.0), 0.0, 100.0));
    task.description = scrub(message_text(record["formattedDescription"], record["descriptionParameters"]));
    task.message = scrub(message_text(record["formattedMessage"], record["messageParameters"]));
    task.object_uuid = record["objectUUID"].text();
    task.created = record["created"].integer().value_or(0);
    task.modified = record["modified"].integer().value_or(0);
    task.completed = record["completed"].integer().value_or(0);
    return task;
}

std::vector<std::string> tags_from(json::View value) {
    if (auto const text = value.string()) return split_tags(*text);
    std::vector<std::string> tags;
    for (auto const& element : value.elements()) {
        for (auto& tag : split_tags(element.string().value_or(""))) tags.push_back(std::move(tag));
    }
    return tags;
}

int slot_from(json::View value) {
    auto const slot = value.integer().value_or(-1);
    return slot < 0 || slot > std::numeric_limits<int>::max() ? -1 : static_cast<int>(slot);
}

std::vector<core::Disk> disks_from(json::View devices, std::string const& vm, std::vector<std::string>& warnings) {
    std::vector<core::Disk> disks;
    for (auto const& device : devices.elements()) {
        core::Disk disk;
        disk.uuid = DiskUuid(device["uuid"].text());
        disk.type = device["type"].text();
        disk.capacity_bytes = device["capacity"].unsigned_integer().value_or(0);
        disk.allocation_bytes = device["allocation"].unsigned_integer().value_or(0);
        disk.slot = slot_from(device["slot"]);
        disk.name = device["name"].text();
        disk.without_snapshots = device["disableSnapshotting"].boolean().value_or(false);
        disk.cache_mode = device["cacheMode"].text();
        disk.tiering_priority = device["tieringPriorityFactor"].integer();
        if (disk.uuid.empty()) {
            // A disk counts nevertheless: a backup without its image is incomplete.
            bool const is_disk = core::is_exported(disk);
            warnings.push_back("a block device of VM " + vm + " has no uuid" + (is_disk ? "" : " and is skipped"));
            if (!is_disk) continue;
        }
        disks.push_back(std::move(disk));
    }
    return disks;
}

core::Vm vm_from(json::View record, Scrubber const& scrub, std::vector<std::string>& warnings) {
    core::Vm vm;
    vm.uuid = VmUuid(record["uuid"].text());
    vm.name = record["name"].text();
    vm.description = record["description"].text();
    vm.tags = tags_from(record["tags"]);
    vm.state = record["state"].text();
    vm.disks = disks_from(record["blockDevs"], vm.uuid.text(), warnings);
    vm.transient = record["isTransient"].boolean().value_or(false);
    vm.replica = !record["sourceVirDomainUUID"].text().empty();
    auto task = task_from(record["latestTaskTag"], scrub);
    if (!task.tag.empty()) vm.last_task = std::move(task);
    vm.vcpus = static_cast<int>(std::clamp<std::int64_t>(record["numVCPU"].integer().value_or(0), 0, 100'000));
    vm.memory_bytes = record["mem"].unsigned_integer().value_or(0);
    if (record["netDevs"].is_array()) vm.nics = record["netDevs"].size();
    return vm;
}

void write_place(json::Writer& writer, Secret const& path_uri, std::string const& definition_file) {
    writer.key("pathURI").string(path_uri.reveal());
    writer.member("format", "qcow2");
    writer.member("definitionFileName", definition_file);
}

void write_pace(json::Writer& writer) {
    writer.member("allowNonSequentialWrites", true);
    writer.member("parallelCountPerTransfer", 16);
}

}  // namespace

std::string put_in(std::string_view format, std::vector<std::string> const& parameters) {
    std::string text;
    auto next = parameters.begin();
    for (std::size_t at = 0; at < format.size();) {
        if (format.substr(at).starts_with("%@") && next != parameters.end()) {
            text += *next++;
            at += 2;
        } else {
            text += format[at++];
        }
    }
    return text;
}

std::vector<std::string> split_tags(std::string_view text) {
    std::vector<std::string> tags;
    while (!text.empty()) {
        auto const comma = text.find(',');
        auto const tag = trimmed(text.substr(0, comma), spaces_and_line_ends);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        if (!tag.empty()) tags.emplace_back(tag);
    }
    return tags;
}

Result<VmList> decode_vms(std::string_view body, Scrubber const& scrub) {
    auto const document = parse_reply(body);
    if (!document) return document.error();
    if (!document->root().is_array()) return unexpected_reply("a list of VMs was expected");
    VmList list;
    std::unordered_set<std::string> seen;
    std::size_t index = 0;
    for (auto const& record : document->root().elements()) {
        std::string const at = "[" + std::to_string(index++) + "]";
        auto const uuid = record["uuid"].text();
        if (uuid.empty()) {
            list.warnings.push_back(at + ".uuid is missing: this VM is skipped");
            list.vms.complete = false;
        } else if (!seen.insert(uuid).second) {
            list.warnings.push_back(at + " repeats the uuid " + uuid + ": the first one is used");
            list.vms.complete = false;
        } else {
            list.vms.push_back(vm_from(record, scrub, list.warnings));
        }
    }
    if (list.vms.empty() && !list.warnings.empty()) return unexpected_reply(list.warnings.front());
    return list;
}

Result<core::TaskReport> decode_task(std::string_view body, TaskTag const& asked, Scrubber const& scrub) {
    auto const document = parse_reply(body);
    if (!document) return document.error();
    auto const root = document->root();
    auto const records = root.is_object() ? std::vector{root} : root.elements();
    if (!root.is_object() && !root.is_array()) return unexpected_reply("a task was expected");
    if (records.empty()) {
        core::TaskReport absent;
        absent.tag = asked;
        return absent;
    }
    for (auto const& record : records) {
        if (!record.is_object()) continue;
        auto task = task_from(record, scrub);
        bool const unnamed_but_alone = task.tag.empty() && records.size() == 1 && record["state"].is_string();
        if (unnamed_but_alone) task.tag = asked;
        if (task.tag == asked) return task;
    }
    return unexpected_reply("task " + asked.text() + " was requested, other tasks were returned");
}

Result<std::vector<core::TaskReport>> decode_tasks(std::string_view body, Scrubber const& scrub) {
    auto const document = parse_reply(body);
    if (!document) return document.error();
    if (!document->root().is_array()) return unexpected_reply("a list of tasks was expected");
    std::vector<core::TaskReport> tasks;
    for (auto const& record : document->root().elements()) {
        auto task = task_from(record, scrub);
        if (!task.tag.empty()) tasks.push_back(std::move(task));
    }
    return tasks;
}

Result<ports::OrderAccepted> decode_order(std::string_view body) {
    auto const document = parse_reply(body);
    if (!document) return document.error();
    auto root = document->root();
    if (root.is_array() && root.size() == 1) root = root.at(0);
    if (!root.is_object()) return unexpected_reply("a result object was expected");
    ports::OrderAccepted taken;
    taken.tag = TaskTag(text_or_number(root["taskTag"]));
    taken.created = VmUuid(root["createdUUID"].text());
    if (taken.tag.empty())
        return unexpected_reply("it names no task (taskTag is empty), so the work cannot be followed");
    return taken;
}

Secret encode_export(ports::ExportOrder const& order, Secret const& path_uri) {
    json::Writer writer;
    writer.begin_object().key("target").begin_object();
    write_place(writer, path_uri, order.definition_file);
    writer.member("compress", false);
    write_pace(writer);
    writer.end_object().end_object();
    return Secret(writer.take());
}

Secret encode_import(ports::ImportOrder const& order, Secret const& path_uri) {
    json::Writer writer;
    writer.begin_object().key("source").begin_object();
    write_place(writer, path_uri, order.definition_file);
    write_pace(writer);
    writer.end_object();
    writer.key("template").begin_object().member("name", order.vm_name).end_object();
    writer.end_object();
    return Secret(writer.take());
}

}  // namespace sb::hypercore
