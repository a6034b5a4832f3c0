#include "daemon/catalog/verification_record.hpp"

#include "common/text/ascii.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/listed_files.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/manifest_edit.hpp"
#include "daemon/catalog/manifest_checksum.hpp"
#include "daemon/verify/backup_files.hpp"
#include "daemon/verify/inspect.hpp"

#include <algorithm>
#include <utility>

namespace sb::catalog {
namespace {

using platform::Folder;

Result<Folder> open_folder(Folder const& local_path, std::string const& name) {
    auto folder = may_be_backup(name) ? local_path.subfolder(name) : Result<Folder>(Error{Errc::not_found, ""});
    if (!folder && folder.error().code == Errc::not_found) return no_such_backup(name, local_path.path());
    return folder;
}

Result<std::string> manifest_text(Folder const& folder) {
    auto text = folder.read(core::manifest_file_name, max_manifest_bytes);
    if (text || text.error().code == Errc::io) return text;
    if (text.error().code == Errc::not_found)
        return Error{Errc::refused, "it has no manifest, so there is nothing to verify it against"};
    return Error{Errc::damaged_backup, "its manifest is not usable: " + text.error().context};
}

/// A backup's folder with the manifest as it is on the disk.
struct StoredManifest {
    Folder folder;
    std::string text;
    core::Manifest manifest;
};

Result<StoredManifest> open_manifest(Folder const& local_path, std::string const& name) {
    auto folder = open_folder(local_path, name);
    if (!folder) return folder.error();
    auto text = manifest_text(*folder);
    if (!text) return text.error();
    auto manifest = decode_manifest(*text);
    if (!manifest) return manifest.error();
    return StoredManifest{std::move(*folder), std::move(*text), std::move(*manifest)};
}

/// In an export, a truncated text or a table that points past the end of the file means that it is incomplete. A
/// backup was complete, and its files still have their sizes: their content has changed. Unless a file was removed
/// just now.
Error as_damage(Folder const& folder, core::Manifest const& manifest, Error error) {
    if (auto const still = check_listed_files(folder, manifest); still.problem) return *still.problem;
    error.code = Errc::damaged_backup;
    return error;
}

/// What is imported is what was inspected and proven: a definition or an image that the manifest does not list may have
/// been put there by anyone.
Result<void> check_all_are_listed(core::Manifest const& manifest, std::vector<core::BackupFile> const& needed) {
    for (auto const& file : needed) {
        if (file.role != verify::definition_role && file.role != verify::disk_role) continue;
        auto const is_it = [&](auto const& listed) { return equal_ignoring_case(listed.name, file.name); };
        if (std::ranges::any_of(manifest.files, is_it)) continue;
        return Error{Errc::damaged_backup, "'" + file.name +
                                               "' would be imported, but is not among the files that its manifest "
                                               "lists: the manifest or the definition was changed"};
    }
    return {};
}

/// A finished backup is never written to again, so a table that has changed is damage even where it contradicts
/// nothing: to every reader, tables of zeros are an empty disk.
Result<void> compare_structure(core::Manifest const& manifest, std::vector<core::BackupFile> const& found) {
    for (auto const& file : manifest.files) {
        auto const now = std::ranges::find(found, file.name, &core::BackupFile::name);
        if (now == found.end() || !verify::structure_differs(file.structure, now->structure)) continue;
        auto const what =
            file.role == verify::disk_role ? "the tables of '" + file.name + "' have" : "'" + file.name + "' has";
        return Error{Errc::damaged_backup, what + " changed since the backup was made"};
    }
    return {};
}

Result<void> change(Folder const& local_path, std::string const& name, auto const& make_changes) {
    auto const stored = open_manifest(local_path, name);
    if (!stored) return stored.error();
    auto const changed = with_changes(stored->text, make_changes(stored->manifest));
    if (!changed) return changed.error();
    return stored->folder.write_durably(core::manifest_file_name, *changed);
}

Result<void> check_unchanged(std::string const& text, core::Manifest const& manifest) {
    auto const checksum = check_checksum(text);
    bool const had_one = core::content_verified_at(manifest.verified).has_value();
    bool const is_changed = checksum == Checksum::invalid || (checksum == Checksum::absent && had_one);
    if (!is_changed) return {};
    return Error{Errc::damaged_backup,
                 std::string("its manifest (") + core::manifest_file_name + ") was changed by another program"};
}

}  // namespace

Result<void> check_manifest_is_unchanged(Folder const& local_path, std::string const& name) {
    auto const stored = open_manifest(local_path, name);
    if (!stored) return stored.error();
    return check_unchanged(stored->text, stored->manifest);
}

Result<core::Manifest> read_manifest(Folder const& local_path, std::string const& name) {
    auto stored = open_manifest(local_path, name);
    if (!stored) return stored.error();
    return std::move(stored->manifest);
}

Result<core::Manifest> check_backup(Folder const& local_path, std::string const& name, core::Level level) {
    auto stored = open_manifest(local_path, name);
    if (!stored) return stored.error();
    auto& [folder, text, manifest] = *stored;
    if (level != core::Level::structure)
        if (auto const unchanged = check_unchanged(text, manifest); !unchanged) return unchanged.error();
    if (auto const listed = check_listed_files(folder, manifest); listed.problem) return *listed.problem;
    auto const found = verify::inspect_folder(folder, {name, manifest.definition_file, manifest.disks});
    if (!found && found.error().code == Errc::incomplete_backup) return as_damage(folder, manifest, found.error());
    if (!found) return found.error();
    if (auto const listed = check_all_are_listed(manifest, *found); !listed) return listed.error();
    if (auto const same = compare_structure(manifest, *found); !same) return same.error();
    return std::move(manifest);
}

Result<bool> record_verification(Folder const& local_path, std::string const& name, core::Level level, UtcTime at,
                                 std::vector<verify::VerifiedFile> const& files, std::mutex& manifest_mutex) {
    std::lock_guard const lock(manifest_mutex);
    bool cleared = false;
    auto const make_changes = [&](core::Manifest const& manifest) {
        ManifestChanges changes;
        changes.verified = core::with_verification(manifest.verified, level, at);
        for (auto const& file : files) changes.content[file.name] = verify::hex(file.root);
        if (manifest.damage && core::clears(*manifest.damage, level)) {
            changes.damage = std::optional<core::Damage>();
            cleared = true;
        }
        return changes;
    };
    if (auto const changed = change(local_path, name, make_changes); !changed) return changed.error();
    return cleared;
}

Result<void> record_damage(Folder const& local_path, std::string const& name, core::Damage const& damage,
                           std::mutex& manifest_mutex) {
    std::lock_guard const lock(manifest_mutex);
    auto const make_changes = [&](core::Manifest const&) {
        ManifestChanges changes;
        changes.damage = damage;
        return changes;
    };
    return change(local_path, name, make_changes);
}

}  // namespace sb::catalog
