#include "daemon/hypercore/codec.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "common/text/ascii.hpp"
#include "daemon/hypercore/record.hpp"
#include "daemon/hypercore/reply.hpp"

namespace sb::hypercore {
namespace {

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
    if (document->root().size() > max_tasks)
        return unexpected_reply("it lists more than " + std::to_string(max_tasks) + " tasks");
    std::vector<core::TaskReport> tasks;
    for (auto const& record : document->root().elements()) {
        auto task = task_from(record, scrub);
        if (!task.tag.empty()) tasks.push_back(std::move(task));
    }
    return tasks;
}

Result<ports::OrderAccepted> decode_order(std::string_view body) {
    if (body.size() > max_order_reply) return unexpected_reply("it is longer than a result can be");
    auto const document = parse_reply(body);
    if (!document) return document.error();
    auto root = document->root();
    if (root.is_array() && root.size() == 1) root = root.at(0);
    if (!root.is_object()) return unexpected_reply("a result object was expected");
    ports::OrderAccepted taken;
    taken.tag = task_tag_from(root["taskTag"]);
    taken.created = VmUuid(identity_from(root["createdUUID"]));
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
