#include "simulator/transfer/worker_protocol.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "simulator/transfer/definition_json.hpp"

namespace sb::sim {
namespace {

using json::View;
using json::Writer;

void write_optional(Writer& out, std::string_view key, std::optional<int> const& value) {
    if (value) out.key(key).integer(*value);
}

std::optional<int> read_optional(View in) {
    auto const value = in.integer();
    if (!value) return std::nullopt;
    return static_cast<int>(*value);
}

void write_common(Writer& out, TransferPlace const& place) {
    out.member("pathURI", place.path_uri)
        .member("mappedRoot", place.mapped_root)
        .member("definitionFileName", place.definition_file)
        .member("smbTimeoutMs", place.smb_timeout_ms);
}

TransferPlace read_place(View in) {
    TransferPlace place;
    place.path_uri = in["pathURI"].text();
    place.mapped_root = in["mappedRoot"].text();
    place.definition_file = in["definitionFileName"].text();
    place.smb_timeout_ms = read_optional(in["smbTimeoutMs"]).value_or(place.smb_timeout_ms);
    return place;
}

void write_faults(Writer& out, TransferFaults const& faults) {
    out.key("faults").begin_object();
    write_optional(out, "failAtPercent", faults.fail_at_percent);
    out.member("failMessage", faults.fail_message);
    write_optional(out, "freezeAtPercent", faults.freeze_at_percent);
    write_optional(out, "truncateDisk", faults.truncate_disk);
    write_optional(out, "skipDisk", faults.skip_disk);
    out.member("skipDefinition", faults.skip_definition).member("garbageDefinition", faults.garbage_definition);
    write_optional(out, "wrongVirtualSize", faults.wrong_virtual_size);
    out.end_object();
}

TransferFaults read_faults(View in) {
    TransferFaults faults;
    faults.fail_at_percent = read_optional(in["failAtPercent"]);
    faults.fail_message = in["failMessage"].text();
    faults.freeze_at_percent = read_optional(in["freezeAtPercent"]);
    faults.truncate_disk = read_optional(in["truncateDisk"]);
    faults.skip_disk = read_optional(in["skipDisk"]);
    faults.skip_definition = in["skipDefinition"].boolean().value_or(false);
    faults.garbage_definition = in["garbageDefinition"].boolean().value_or(false);
    faults.wrong_virtual_size = read_optional(in["wrongVirtualSize"]);
    return faults;
}

void write_spec(Writer& out, ExportSpec const& spec) {
    out.begin_object().member("transfer", "export");
    write_common(out, spec.place);
    write_definition(out.key("definition"), spec.definition);
    out.key("disks").begin_array();
    for (auto const& disk : spec.disks)
        out.begin_object()
            .member("rawFile", disk.raw_file)
            .member("fileName", disk.file_name)
            .member("capacity", disk.capacity)
            .end_object();
    out.end_array()
        .member("compress", spec.compress)
        .member("compat", spec.compat)
        .member("durationMs", std::uint64_t{spec.duration_ms});
    write_faults(out, spec.faults);
    out.end_object();
}

void write_spec(Writer& out, ImportSpec const& spec) {
    out.begin_object().member("transfer", "import");
    write_common(out, spec.place);
    out.member("targetDir", spec.target_dir).member("durationMs", std::uint64_t{spec.duration_ms});
    write_faults(out, spec.faults);
    out.end_object();
}

void write_spec(Writer& out, ProbeSpec const& spec) {
    out.begin_object().member("transfer", "probe");
    write_common(out, spec.place);
    out.member("folderMustExist", spec.folder_must_exist).end_object();
}

ExportSpec read_export(View in) {
    ExportSpec spec;
    spec.place = read_place(in);
    spec.definition = read_definition(in["definition"]);
    for (auto const one : in["disks"].elements())
        spec.disks.push_back(
            {one["rawFile"].text(), one["fileName"].text(), one["capacity"].unsigned_integer().value_or(0)});
    spec.compress = in["compress"].boolean().value_or(false);
    spec.compat = in["compat"].text();
    spec.duration_ms = static_cast<std::uint32_t>(in["durationMs"].unsigned_integer().value_or(0));
    spec.faults = read_faults(in["faults"]);
    return spec;
}

ImportSpec read_import(View in) {
    ImportSpec spec;
    spec.place = read_place(in);
    spec.target_dir = in["targetDir"].text();
    spec.duration_ms = static_cast<std::uint32_t>(in["durationMs"].unsigned_integer().value_or(0));
    spec.faults = read_faults(in["faults"]);
    return spec;
}

void write_message(Writer& out, Progress const& progress) {
    out.begin_object()
        .member("event", "progress")
        .member("percent", progress.percent)
        .member("bytes", progress.bytes)
        .end_object();
}

void write_message(Writer& out, Done const& done) {
    out.begin_object().member("event", "done").key("files").begin_array();
    for (auto const& file : done.files)
        out.begin_object()
            .member("name", file.name)
            .member("rawFile", file.raw_file)
            .member("bytes", file.bytes)
            .member("capacity", file.capacity)
            .end_object();
    out.end_array();
    if (done.definition) write_definition(out.key("definition"), *done.definition);
    out.member("bytes", done.bytes).member("elapsedMs", std::uint64_t{done.elapsed_ms}).end_object();
}

void write_message(Writer& out, Failed const& failed) {
    out.begin_object().member("event", "error").member("message", failed.message).key("parameters").begin_array();
    for (auto const& parameter : failed.parameters) out.string(parameter);
    out.end_array().member("ntStatus", failed.nt_status).end_object();
}

Done read_done(View in) {
    Done done;
    for (auto const one : in["files"].elements())
        done.files.push_back({one["name"].text(), one["rawFile"].text(), one["bytes"].unsigned_integer().value_or(0),
                              one["capacity"].unsigned_integer().value_or(0)});
    if (in["definition"].is_object()) done.definition = read_definition(in["definition"]);
    done.bytes = in["bytes"].unsigned_integer().value_or(0);
    done.elapsed_ms = static_cast<std::uint32_t>(in["elapsedMs"].unsigned_integer().value_or(0));
    return done;
}

Failed read_failed(View in) {
    Failed failed{in["message"].text(), {}, in["ntStatus"].text()};
    for (auto const parameter : in["parameters"].elements()) failed.parameters.push_back(parameter.text());
    return failed;
}

}  // namespace

std::string to_json(WorkerSpec const& spec) {
    Writer out;
    std::visit([&out](auto const& one) { write_spec(out, one); }, spec);
    return out.take();
}

std::string to_json(WorkerMessage const& message) {
    Writer out;
    std::visit([&out](auto const& one) { write_message(out, one); }, message);
    return out.take();
}

Result<WorkerSpec> parse_spec(std::string_view line) {
    auto const document = json::Document::parse(line);
    if (!document) return while_doing(document.error(), "transfer spec");
    View const in = document->root();
    auto const kind = in["transfer"].text();
    if (kind == "export") return WorkerSpec(read_export(in));
    if (kind == "import") return WorkerSpec(read_import(in));
    if (kind == "probe") return WorkerSpec(ProbeSpec{read_place(in), in["folderMustExist"].boolean().value_or(false)});
    return Error{Errc::malformed, "transfer spec: 'transfer' is not export, import or probe"};
}

Result<WorkerMessage> parse_message(std::string_view line) {
    auto const document = json::Document::parse(line);
    if (!document) return while_doing(document.error(), "message of the transfer worker");
    View const in = document->root();
    auto const event = in["event"].text();
    if (event == "progress")
        return WorkerMessage(Progress{static_cast<int>(in["percent"].integer().value_or(0)),
                                      in["bytes"].unsigned_integer().value_or(0)});
    if (event == "done") return WorkerMessage(read_done(in));
    if (event == "error") return WorkerMessage(read_failed(in));
    return Error{Errc::malformed, "message of the transfer worker: 'event' is not progress, done or error"};
}

}  // namespace sb::sim
