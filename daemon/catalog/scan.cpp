#include "daemon/catalog/scan.hpp"

#include "common/text/ascii.hpp"
#include "daemon/catalog/export_files.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/listed_files.hpp"
#include "daemon/catalog/manifest_checksum.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/verify/inspect.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace sb::catalog {
namespace {

using core::Backup;
using core::BackupState;
using platform::EntryKind;
using platform::Folder;

using Sizes = std::map<std::string, std::uint64_t>;  ///< regular files only

void set(Backup& backup, BackupState state, std::string problem) {
    backup.state = state;
    backup.problem = std::move(problem);
}

/// The VM of a folder whose manifest cannot be read, according to its definition: retention must know which VM's copies
/// to keep.
VmUuid vm_by_definition(Folder const& folder, std::string const& name, Sizes const& sizes) {
    std::vector<std::string> names;
    for (auto const& [file, size] : sizes) names.push_back(file);
    for (auto const& candidate : definition_candidates(names, name)) {
        auto const definition = verify::read_definition(folder, candidate);
        if (!definition || definition->uuid.empty() || definition->uuid.size() > max_manifest_id_bytes) continue;
        return VmUuid(lower(definition->uuid));
    }
    return {};
}

BackupState state_for(Error const& problem) {
    switch (problem.code) {
        case Errc::incomplete_backup: return BackupState::incomplete;
        case Errc::damaged_backup: return BackupState::damaged;
        default: return BackupState::unverified;
    }
}

void classify_by_files(Backup& backup, Folder const& folder, core::Manifest manifest) {
    set(backup, BackupState::complete, {});
    auto const listed = check_listed_files(folder, manifest);
    auto const own = folder.info(core::manifest_file_name);
    backup.size_bytes = listed.bytes + (own && *own ? (*own)->size_bytes : 0);
    if (listed.problem) set(backup, state_for(*listed.problem), listed.problem->context);
    else if (manifest.damage)
        set(backup, BackupState::damaged,
            manifest.damage->reason + " (found " + format_rfc3339(manifest.damage->at) + ")");
    backup.manifest_digest = manifest_digest(manifest);
    backup.manifest = std::move(manifest);
}

void set_unreadable(Backup& backup, Error const& error) {
    set(backup, BackupState::unverified, "it cannot be read: " + error.context);
}

/// Of all files in the folder: without a manifest it is not known which ones are the backup.
Result<Sizes> sizes_in(Folder const& folder, std::vector<platform::Entry> const& entries) {
    Sizes sizes;
    for (auto const& entry : entries) {
        if (entry.kind != EntryKind::file) continue;
        auto const info = folder.info(entry.name);
        if (!info) return info.error();
        if (*info) sizes.emplace(entry.name, (*info)->size_bytes);
    }
    return sizes;
}

void set_size(Backup& backup, Sizes const& sizes) {
    for (auto const& [name, size] : sizes) backup.size_bytes += size;
}

/// Why its manifest is not read; empty = it is.
std::string refusal(Folder const& folder, ManifestReads* reads) {
    if (reads == nullptr) return {};
    auto const info = folder.info(core::manifest_file_name);
    return info && *info ? reads->refusal((*info)->size_bytes) : std::string();
}

void classify_by_manifest(Backup& backup, Folder const& folder, std::vector<platform::Entry> const& entries,
                          ManifestReads* reads) {
    if (auto why = refusal(folder, reads); !why.empty()) {
        if (auto const sizes = sizes_in(folder, entries)) set_size(backup, *sizes);
        return set(backup, BackupState::unverified, std::move(why));
    }
    auto const text = folder.read(core::manifest_file_name, max_manifest_bytes);
    auto manifest = text ? decode_manifest(*text) : Result<core::Manifest>(text.error());
    if (manifest) return classify_by_files(backup, folder, std::move(*manifest));
    // The backup is not at fault: the problem disappears when the permission is granted, or with a newer version.
    bool const not_at_fault = text ? manifest.error().code == Errc::refused : text.error().code == Errc::not_permitted;
    set(backup, not_at_fault ? BackupState::unverified : BackupState::damaged,
        text ? manifest.error().context : "its manifest cannot be read: " + text.error().context);
    auto const sizes = sizes_in(folder, entries);
    if (!sizes) return set_unreadable(backup, sizes.error());
    set_size(backup, *sizes);
    if (!not_at_fault) backup.presumed_vm = vm_by_definition(folder, backup.name, *sizes);
}

void classify_by_definition(Backup& backup, Folder const& folder, Sizes const& sizes) {
    std::vector<std::string> names;
    for (auto const& [name, size] : sizes) names.push_back(name);
    auto const candidates = definition_candidates(names, backup.name);
    if (candidates.empty()) return set(backup, BackupState::incomplete, "it has disk images but no definition (.xml)");
    std::string problem;
    for (auto const& name : candidates) {
        auto const definition = verify::read_definition(folder, name);
        if (!definition) {
            if (definition.error().code == Errc::not_permitted)
                return set(backup, BackupState::unverified, "it cannot be read: " + definition.error().context);
            if (problem.empty()) problem = definition.error().context;
            continue;
        }
        for (auto const& disk : definition->disks) {
            if (!disk.needs_image()) continue;
            auto const image = verify::image_name(disk.base);
            if (!sizes.contains(image))
                return set(backup, BackupState::incomplete,
                           "'" + image + "' is missing; the definition '" + name + "' lists it");
            // Reads a few hundred bytes: finds truncated images, and a listing of thousands of folders stays fast.
            if (auto const header = verify::check_header(folder, image); !header) {
                bool const unreadable = header.error().code == Errc::io;
                return set(backup, unreadable ? BackupState::unverified : BackupState::incomplete,
                           header.error().context);
            }
        }
        return set(backup, BackupState::unverified,
                   "it has no manifest: made by another program, or an export that was never finished or checked");
    }
    set(backup, BackupState::incomplete, problem);
}

}  // namespace

Result<std::optional<Backup>> read_backup(Folder const& local_path, std::string const& name, ManifestReads* reads) {
    if (!may_be_backup(name)) return std::optional<Backup>{};
    Backup backup{.name = name, .folder = name};
    auto const unreadable = [&](Error const& error) {
        set_unreadable(backup, error);
        return std::optional(backup);
    };
    auto const folder = local_path.subfolder(name);
    if (!folder) {
        if (folder.error().code == Errc::not_found || folder.error().code == Errc::refused)
            return std::optional<Backup>{};
        return unreadable(folder.error());
    }
    auto const entries = folder->entries();
    if (!entries) return unreadable(entries.error());

    // A manifest that is a link or a folder is not ours, but it must not make the folder appear unfinished.
    if (std::ranges::find(*entries, core::manifest_file_name, &platform::Entry::name) != entries->end()) {
        classify_by_manifest(backup, *folder, *entries, reads);
        return std::optional(std::move(backup));
    }
    auto const is_of_export = [](auto const& entry) {
        return entry.kind == EntryKind::file && is_export_file(entry.name);
    };
    if (std::ranges::none_of(*entries, is_of_export)) return std::optional<Backup>{};
    auto const sizes = sizes_in(*folder, *entries);
    if (!sizes) return unreadable(sizes.error());
    set_size(backup, *sizes);
    classify_by_definition(backup, *folder, *sizes);
    return std::optional(std::move(backup));
}

Result<std::vector<Backup>> scan(Folder const& local_path, FolderListing& listing) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    std::vector<std::string> names;
    for (auto const& entry : *entries)
        if (entry.kind == EntryKind::folder) names.push_back(entry.name);
    // A second handle: a read that hangs may outlive the caller's.
    auto root = Folder::open(local_path.path());
    if (!root) return root.error();
    auto read = [root = std::make_shared<Folder const>(std::move(*root)), reads = std::make_shared<ManifestReads>()](
                    std::string const& name) { return read_backup(*root, name, reads.get()); };
    return listing.list(std::move(names), std::move(read));
}

}  // namespace sb::catalog
