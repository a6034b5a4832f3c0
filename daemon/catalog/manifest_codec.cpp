#include "daemon/catalog/manifest_codec.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "daemon/catalog/utf8.hpp"
#include "daemon/platform/folder.hpp"

namespace sb::catalog {
namespace {

constexpr char const* format_mark = "scale-backup manifest";

Error damaged(std::string const& words) { return {Errc::damaged_backup, "the manifest " + words}; }

Result<UtcTime> time_in(json::View view, std::string const& field) {
    auto const time = parse_rfc3339(view[field].text());
    if (!time) return damaged("has no valid '" + field + "': " + time.error().context);
    return *time;
}

Result<void> read_files(json::View list, core::Manifest& manifest) {
    for (auto const item : list.elements()) {
        core::BackupFile file{.name = item["name"].text(), .role = item["role"].text()};
        auto const size = item["size_bytes"].unsigned_integer();
        if (!platform::is_plain_name(file.name))
            return damaged("lists '" + file.name + "', which is no file of its folder");
        if (!size) return damaged("does not tell the size of '" + file.name + "'");
        file.size_bytes = *size;
        file.virtual_bytes = item["virtual_bytes"].unsigned_integer().value_or(0);
        manifest.files.push_back(std::move(file));
    }
    if (manifest.files.empty()) return damaged("lists no files");
    return {};
}

/// Nesting is bounded by the parser.
void copy(json::View value, json::Writer& out) {
    if (value.is_object()) {
        out.begin_object();
        for (auto const& [name, member] : value.members()) {
            out.key(name);
            copy(member, out);
        }
        out.end_object();
    } else if (value.is_array()) {
        out.begin_array();
        for (auto const item : value.elements()) copy(item, out);
        out.end_array();
    } else {
        out.raw(value.dump());
    }
}

}  // namespace

std::string encode_manifest(core::Manifest const& manifest) {
    json::Writer out(json::Layout::pretty);
    out.begin_object();
    out.member("format", format_mark).member("version", core::manifest_version);
    out.member("backup", manifest.backup);
    out.member("vm", manifest.vm_name).member("vm_uuid", manifest.vm_uuid.text());
    out.key("vm_tags").begin_array();
    for (auto const& tag : manifest.vm_tags) out.string(tag);
    out.end_array();
    out.member("scheduled", manifest.scheduled).member("protected", manifest.is_protected);
    out.member("cluster", manifest.cluster_host).member("task_tag", manifest.task_tag.text());
    out.member("job", std::uint64_t{manifest.job});
    out.member("started", format_rfc3339(manifest.started)).member("completed", format_rfc3339(manifest.completed));
    out.member("definition", manifest.definition_file);
    out.key("disks").begin_array();
    for (auto const& disk : manifest.disks)
        out.begin_object()
            .member("uuid", disk.uuid.text())
            .member("type", disk.type)
            .member("capacity_bytes", disk.capacity_bytes)
            .member("allocation_bytes", disk.allocation_bytes)
            .end_object();
    out.end_array();
    out.key("files").begin_array();
    for (auto const& file : manifest.files) {
        // JSON cannot hold such a name; definition and disks never have one.
        if (!is_utf8(file.name)) continue;
        out.begin_object().member("name", file.name).member("role", file.role).member("size_bytes", file.size_bytes);
        if (file.role == "disk") out.member("virtual_bytes", file.virtual_bytes);
        out.end_object();
    }
    out.end_array();
    out.key("verified");
    if (manifest.verified)
        out.begin_object()
            .member("level", manifest.verified->level)
            .member("at", format_rfc3339(manifest.verified->at))
            .end_object();
    else out.null();
    out.member("program", manifest.program);
    out.end_object();
    return out.take() + "\n";
}

Result<core::Manifest> decode_manifest(std::string_view text) {
    if (text.size() > largest_manifest) return damaged("is too large to be one");
    auto const document = json::Document::parse(text);
    if (!document) return damaged("cannot be read: " + document.error().context);
    auto const root = document->root();
    if (root["format"].string() != format_mark) return damaged("is not one of scale-backup");
    auto const version = root["version"].integer();
    if (!version || *version < 1) return damaged("has no version");
    if (*version > core::manifest_version)
        return Error{Errc::refused, "its manifest has version " + std::to_string(*version) +
                                        " of a newer scale-backup; this one understands version " +
                                        std::to_string(core::manifest_version)};
    core::Manifest manifest;
    manifest.backup = root["backup"].text();
    manifest.vm_name = root["vm"].text();
    manifest.vm_uuid = VmUuid(root["vm_uuid"].text());
    for (auto const tag : root["vm_tags"].elements()) manifest.vm_tags.push_back(tag.text());
    manifest.scheduled = root["scheduled"].boolean().value_or(false);
    manifest.is_protected = root["protected"].boolean().value_or(false);
    manifest.cluster_host = root["cluster"].text();
    manifest.task_tag = TaskTag(root["task_tag"].text());
    manifest.job = root["job"].unsigned_integer().value_or(0);
    manifest.definition_file = root["definition"].text();
    manifest.program = root["program"].text();
    if (manifest.vm_uuid.empty()) return damaged("does not say of which VM it is");
    if (!platform::is_plain_name(manifest.definition_file)) return damaged("does not name the definition");

    auto const started = time_in(root, "started");
    if (!started) return started.error();
    auto const completed = time_in(root, "completed");
    if (!completed) return completed.error();
    manifest.started = *started;
    manifest.completed = *completed;
    for (auto const item : root["disks"].elements())
        manifest.disks.push_back({.uuid = DiskUuid(item["uuid"].text()),
                                  .type = item["type"].text(),
                                  .capacity_bytes = item["capacity_bytes"].unsigned_integer().value_or(0),
                                  .allocation_bytes = item["allocation_bytes"].unsigned_integer().value_or(0)});
    if (auto const read = read_files(root["files"], manifest); !read) return read.error();
    if (auto const verified = root["verified"]; verified.is_object()) {
        auto const at = time_in(verified, "at");
        if (!at) return at.error();
        manifest.verified = core::Verified{.level = verified["level"].text(), .at = *at};
    }
    return manifest;
}

Result<std::string> with_protection(std::string_view text, bool is_protected) {
    if (auto const readable = decode_manifest(text); !readable) return readable.error();
    auto const document = json::Document::parse(text);
    if (!document) return damaged("cannot be read: " + document.error().context);
    json::Writer out(json::Layout::pretty);
    out.begin_object();
    bool written = false;
    for (auto const& [name, member] : document->root().members()) {
        bool const is_the_mark = name == "protected";
        if (is_the_mark && written) continue;
        out.key(name);
        if (is_the_mark) out.boolean(is_protected);
        else copy(member, out);
        written |= is_the_mark;
    }
    if (!written) out.member("protected", is_protected);
    out.end_object();
    auto changed = out.take() + "\n";
    // What we cannot read again must not replace what we could.
    if (auto const readable = decode_manifest(changed); !readable) return readable.error();
    return changed;
}

}  // namespace sb::catalog
