#include "daemon/catalog/scan.hpp"

#include "common/text/ascii.hpp"
#include "daemon/catalog/export_files.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/verify/inspect.hpp"

#include <algorithm>
#include <map>
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

/// The backup's own files. Files that hooks add (a VHDX as big as the disk) are not part of it.
std::uint64_t size_of_backup(core::Manifest const& manifest, Sizes const& sizes) {
    auto const of = [&](std::string const& name) {
        auto const found = sizes.find(name);
        return found == sizes.end() ? 0 : found->second;
    };
    std::uint64_t total = of(core::manifest_file_name);
    for (auto const& file : manifest.files) total += of(file.name);
    return total;
}

/// The VM of a folder whose manifest cannot be read, according to its definition: retention must know which VM's copies
/// to keep.
VmUuid vm_by_definition(Folder const& folder, std::string const& name, Sizes const& sizes) {
    std::vector<std::string> names;
    for (auto const& [file, size] : sizes) names.push_back(file);
    for (auto const& candidate : definition_candidates(names, name)) {
        auto const definition = verify::read_definition(folder, candidate);
        if (!definition || definition->uuid.empty()) continue;
        return VmUuid(lower(definition->uuid));
    }
    return {};
}

void classify_by_manifest(Backup& backup, Folder const& folder, Sizes const& sizes) {
    auto const text = folder.read(core::manifest_file_name, max_manifest_bytes);
    if (!text) {
        // The backup is not at fault: the problem disappears when the permission is granted.
        auto const state = text.error().code == Errc::not_permitted ? BackupState::unverified : BackupState::damaged;
        if (state == BackupState::damaged) backup.presumed_vm = vm_by_definition(folder, backup.name, sizes);
        return set(backup, state, "its manifest cannot be read: " + text.error().context);
    }
    auto manifest = decode_manifest(*text);
    if (!manifest) {
        auto const state = manifest.error().code == Errc::refused ? BackupState::unverified : BackupState::damaged;
        if (state == BackupState::damaged) backup.presumed_vm = vm_by_definition(folder, backup.name, sizes);
        return set(backup, state, manifest.error().context);
    }
    set(backup, BackupState::complete, {});
    backup.size_bytes = size_of_backup(*manifest, sizes);
    for (auto const& file : manifest->files) {
        auto const found = sizes.find(file.name);
        if (found == sizes.end()) {
            set(backup, BackupState::incomplete, "'" + file.name + "' is missing");
            break;
        }
        if (found->second != file.size_bytes) {
            set(backup, BackupState::damaged,
                "'" + file.name + "' has " + std::to_string(found->second) + " bytes instead of " +
                    std::to_string(file.size_bytes));
            break;
        }
    }
    if (backup.state == BackupState::complete && manifest->damage)
        set(backup, BackupState::damaged,
            manifest->damage->reason + " (found " + format_rfc3339(manifest->damage->at) + ")");
    backup.manifest = std::move(*manifest);
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

Result<std::optional<Backup>> read_backup(Folder const& local_path, std::string const& name) {
    if (name.starts_with('.') || !platform::is_plain_name(name)) return std::optional<Backup>{};
    Backup backup{.name = name};
    auto const unreadable = [&](Error const& error) {
        set(backup, BackupState::unverified, "it cannot be read: " + error.context);
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

    Sizes sizes;
    bool has_manifest = false, has_export_files = false;
    for (auto const& entry : *entries) {
        // A manifest that is a link or a folder is not ours, but it must not make the folder appear unfinished.
        if (entry.name == core::manifest_file_name) has_manifest = true;
        if (entry.kind != EntryKind::file) continue;
        has_export_files |= is_export_file(entry.name);
        auto const info = folder->info(entry.name);
        if (!info) return unreadable(info.error());
        if (!*info) continue;
        sizes.emplace(entry.name, (*info)->size_bytes);
        backup.size_bytes += (*info)->size_bytes;
    }
    if (has_manifest) classify_by_manifest(backup, *folder, sizes);
    else if (has_export_files) classify_by_definition(backup, *folder, sizes);
    else return std::optional<Backup>{};
    return std::optional(std::move(backup));
}

Result<std::vector<Backup>> scan(Folder const& local_path) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    std::vector<Backup> backups;
    for (auto const& entry : *entries) {
        if (entry.kind != EntryKind::folder) continue;
        auto backup = read_backup(local_path, entry.name);
        if (!backup) return backup.error();
        if (*backup) backups.push_back(std::move(**backup));
    }
    return backups;
}

}  // namespace sb::catalog
