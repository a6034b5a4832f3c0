#include "daemon/catalog/manifest_codec.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"
#include "daemon/catalog/manifest_checksum.hpp"
#include "daemon/core/landing.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/verify/sha256.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace sb::catalog {
namespace {

/// It is for people, and a table is as wide as its longest name.
constexpr std::size_t max_vm_name_bytes = 512;

constexpr char const* format_name = "scale-backup manifest";

Error damaged(std::string const& problem) { return {Errc::damaged_backup, "the manifest " + problem}; }

/// For what is only shown: cut to whole characters.
std::string shown_text(json::View view, std::size_t limit = max_manifest_text_bytes) {
    auto const text = view.string().value_or("");
    return std::string(text.substr(0, whole_characters(text, limit)));
}

/// Names and ids mean nothing when they are cut. Each list and each text has a limit, because anyone who can write into
/// the share can fill every folder with a manifest, and a listing holds a part of each (listing_budget.hpp).
Result<void> check_lengths(json::View root) {
    for (auto const* list : {"vm_tags", "disks", "files"})
        if (root[list].size() > max_manifest_entries)
            return damaged("has more than " + std::to_string(max_manifest_entries) + " entries in '" + list + "'");
    if (root["adopted"]["notes"].size() > max_manifest_entries)
        return damaged("has more than " + std::to_string(max_manifest_entries) + " notes");
    for (auto const* text : {"backup", "vm_uuid", "cluster", "cluster_uuid", "task_tag", "definition"})
        if (auto const value = root[text].string(); value && value->size() > max_manifest_id_bytes)
            return damaged("has a '" + std::string(text) + "' of " + std::to_string(value->size()) + " bytes");
    return {};
}

/// What identifies something in a list; cut off, it would be something else.
Result<std::string> name_in(json::View item, std::string const& field) {
    auto text = item[field].text();
    if (text.size() > max_manifest_text_bytes)
        return damaged("has a '" + field + "' of " + std::to_string(text.size()) + " bytes in a list");
    return text;
}

Result<UtcTime> time_in(json::View view, std::string const& field) {
    auto const time = parse_rfc3339(view[field].text());
    if (!time) return damaged("has no valid '" + field + "': " + time.error().context);
    return *time;
}

/// How the export of a backup can have ended; everything else is `unknown`.
bool is_end_of_a_backup(core::ExportEnd end) {
    return end == core::ExportEnd::seen || end == core::ExportEnd::inferred;
}

core::ExportEnd read_end(std::string const& word) {
    auto const end = core::export_end_from_name(word);
    return end && is_end_of_a_backup(*end) ? *end : core::ExportEnd::unknown;
}

/// Anything but an attempt is ignored: no folder can belong to it.
std::string read_attempt(std::string text) {
    auto const is_hex = [](char c) { return hex_value(c) >= 0 && lower(c) == c; };
    return text.size() == core::attempt_digits && std::ranges::all_of(text, is_hex) ? text : std::string();
}

Result<void> read_files(json::View list, core::Manifest& manifest) {
    for (auto const item : list.elements()) {
        auto name = name_in(item, "name");
        if (!name) return name.error();
        core::BackupFile file{.name = std::move(*name), .role = shown_text(item["role"])};
        auto const size = item["size_bytes"].unsigned_integer();
        if (!platform::is_plain_name(file.name))
            return damaged("lists '" + file.name + "', which is not a file of its folder");
        if (!size) return damaged("does not give the size of '" + file.name + "'");
        file.size_bytes = *size;
        file.virtual_bytes = item["virtual_bytes"].unsigned_integer().value_or(0);
        file.content = item["content"].text();
        if (!file.content.empty() && !verify::digest_from_hex(file.content))
            return damaged("has no valid digest of '" + file.name + "'");
        file.structure = shown_text(item["structure"]);
        if (verify::is_part_of_backup(file)) manifest.files.push_back(std::move(file));
    }
    if (manifest.files.empty()) return damaged("lists no files");
    return {};
}

Result<void> read_disks(json::View list, core::Manifest& manifest) {
    for (auto const item : list.elements()) {
        auto uuid = name_in(item, "uuid");
        if (!uuid) return uuid.error();
        manifest.disks.push_back({.uuid = DiskUuid(std::move(*uuid)),
                                  .type = shown_text(item["type"]),
                                  .capacity_bytes = item["capacity_bytes"].unsigned_integer().value_or(0),
                                  .allocation_bytes = item["allocation_bytes"].unsigned_integer().value_or(0)});
    }
    return {};
}

Result<core::Verified> read_verified(json::View view) {
    auto const at = time_in(view, "at");
    if (!at) return at.error();
    core::Verified verified{.level = shown_text(view["level"]), .at = *at};
    using Member = std::optional<UtcTime> core::Verified::*;
    for (auto const& [name, member] : {std::pair<char const*, Member>{"structure", &core::Verified::structure},
                                       {"content", &core::Verified::content},
                                       {"reread", &core::Verified::reread}}) {
        if (!view[name].string()) continue;
        auto const time = time_in(view, name);
        if (!time) return time.error();
        verified.*member = *time;
    }
    return verified;
}

}  // namespace

void write_verified(core::Verified const& verified, json::Writer& out) {
    out.begin_object().member("level", verified.level).member("at", format_rfc3339(verified.at));
    if (verified.structure) out.member("structure", format_rfc3339(*verified.structure));
    if (verified.content) out.member("content", format_rfc3339(*verified.content));
    if (verified.reread) out.member("reread", format_rfc3339(*verified.reread));
    out.end_object();
}

void write_damage(core::Damage const& damage, json::Writer& out) {
    out.begin_object()
        .member("level", damage.level)
        .member("at", format_rfc3339(damage.at))
        .member("reason", damage.reason)
        .end_object();
}

std::string encode_manifest(core::Manifest const& manifest) {
    json::Writer out(json::Layout::pretty);
    out.begin_object();
    out.member("format", format_name).member("version", core::manifest_version);
    out.member("backup", manifest.backup);
    if (!manifest.attempt.empty()) out.member("attempt", manifest.attempt);
    out.member("vm", manifest.vm_name).member("vm_uuid", manifest.vm_uuid.text());
    out.key("vm_tags").begin_array();
    // As many as are read again: a VM can have any number of tags.
    auto const tags = std::min(manifest.vm_tags.size(), max_manifest_entries);
    for (auto const& tag : std::span(manifest.vm_tags).first(tags)) out.string(tag);
    out.end_array();
    out.member("scheduled", manifest.scheduled).member("protected", manifest.is_protected);
    out.member("cluster", manifest.cluster_host);
    if (!manifest.cluster_uuid.empty()) out.member("cluster_uuid", manifest.cluster_uuid);
    if (!manifest.cluster_name.empty()) out.member("cluster_name", manifest.cluster_name);
    out.member("task_tag", manifest.task_tag.text());
    out.member("job", std::uint64_t{manifest.job});
    out.member("started", format_rfc3339(manifest.started)).member("completed", format_rfc3339(manifest.completed));
    if (is_end_of_a_backup(manifest.end)) out.member("end", core::name_of(manifest.end));
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
        // JSON cannot hold such a name; the definition and the disks never have one.
        if (!is_utf8(file.name)) continue;
        out.begin_object().member("name", file.name).member("role", file.role).member("size_bytes", file.size_bytes);
        if (file.role == verify::disk_role) out.member("virtual_bytes", file.virtual_bytes);
        if (!file.structure.empty()) out.member("structure", file.structure);
        if (!file.content.empty()) out.member("content", file.content);
        out.end_object();
    }
    out.end_array();
    out.key("verified");
    if (manifest.verified) write_verified(*manifest.verified, out);
    else out.null();
    if (manifest.damage) {
        out.key("damaged");
        write_damage(*manifest.damage, out);
    }
    if (manifest.adopted) {
        out.key("adopted").begin_object().member("at", format_rfc3339(manifest.adopted->at));
        out.key("notes").begin_array();
        for (auto const& note : manifest.adopted->notes) out.string(note);
        out.end_array().end_object();
    }
    if (manifest.accepted) out.member("accepted", format_rfc3339(*manifest.accepted));
    out.member("program", manifest.program);
    out.end_object();
    return with_checksum(out.take() + "\n");
}

Result<core::Manifest> decode_manifest(std::string_view text) {
    if (text.size() > max_manifest_bytes) return damaged("is too large");
    auto const document = json::Document::parse(text);
    if (!document) return damaged("cannot be read: " + document.error().context);
    auto const root = document->root();
    if (root["format"].string() != format_name) return damaged("was not written by scale-backup");
    auto const version = root["version"].integer();
    if (!version || *version < 1) return damaged("has no version");
    if (*version > core::manifest_version)
        return Error{Errc::refused, "its manifest has version " + std::to_string(*version) +
                                        ", written by a newer scale-backup; this one understands version " +
                                        std::to_string(core::manifest_version)};
    if (auto const fits = check_lengths(root); !fits) return fits.error();
    core::Manifest manifest;
    manifest.backup = root["backup"].text();
    manifest.attempt = read_attempt(root["attempt"].text());
    manifest.vm_name = shown_text(root["vm"], max_vm_name_bytes);
    manifest.vm_uuid = VmUuid(root["vm_uuid"].text());
    for (auto const tag : root["vm_tags"].elements()) manifest.vm_tags.push_back(shown_text(tag));
    manifest.scheduled = root["scheduled"].boolean().value_or(false);
    manifest.is_protected = root["protected"].boolean().value_or(false);
    manifest.cluster_host = root["cluster"].text();
    manifest.cluster_uuid = root["cluster_uuid"].text();
    manifest.cluster_name = shown_text(root["cluster_name"]);
    manifest.task_tag = TaskTag(root["task_tag"].text());
    manifest.job = root["job"].unsigned_integer().value_or(0);
    manifest.end = read_end(root["end"].text());
    manifest.definition_file = root["definition"].text();
    manifest.program = shown_text(root["program"]);
    if (manifest.vm_uuid.empty()) return damaged("does not say which VM it belongs to");
    if (!platform::is_plain_name(manifest.definition_file)) return damaged("does not name the definition");

    auto const started = time_in(root, "started");
    if (!started) return started.error();
    auto const completed = time_in(root, "completed");
    if (!completed) return completed.error();
    manifest.started = *started;
    manifest.completed = *completed;
    if (auto const read = read_disks(root["disks"], manifest); !read) return read.error();
    if (auto const read = read_files(root["files"], manifest); !read) return read.error();
    if (auto const verified = root["verified"]; verified.is_object()) {
        auto read = read_verified(verified);
        if (!read) return read.error();
        manifest.verified = std::move(*read);
    }
    if (auto const damage = root["damaged"]; damage.is_object()) {
        auto const at = time_in(damage, "at");
        if (!at) return at.error();
        manifest.damage = core::Damage{shown_text(damage["level"]), *at, shown_text(damage["reason"])};
    }
    if (auto const adopted = root["adopted"]; adopted.is_object()) {
        auto const at = time_in(adopted, "at");
        if (!at) return at.error();
        manifest.adopted = core::Adopted{.at = *at};
        for (auto const note : adopted["notes"].elements()) manifest.adopted->notes.push_back(shown_text(note));
    }
    if (root["accepted"].string()) {
        auto const accepted = time_in(root, "accepted");
        if (!accepted) return accepted.error();
        manifest.accepted = *accepted;
    }
    return manifest;
}

}  // namespace sb::catalog
