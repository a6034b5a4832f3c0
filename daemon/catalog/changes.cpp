#include "daemon/catalog/changes.hpp"

#include "common/text/case_key.hpp"
#include "common/text/shell_word.hpp"
#include "daemon/catalog/export_files.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/landing.hpp"
#include "daemon/catalog/listed_files.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/manifest_edit.hpp"
#include "daemon/catalog/scan.hpp"
#include "daemon/catalog/trash.hpp"
#include "daemon/core/landing.hpp"

#include <mutex>
#include <string_view>
#include <utility>

namespace sb::catalog {
namespace {

using platform::Folder;

/// Hidden folders count as well: each NAS system has its own.
bool is_metadata_folder(std::string_view name) { return name.starts_with('.') || name.starts_with('@'); }

/// Elsewhere, a file with the manifest's name is enough: a damaged manifest is one, too.
bool is_manifest_in_metadata(Folder const& folder) {
    auto const text = folder.read(core::manifest_file_name, max_manifest_bytes);
    if (!text) return text.error().code != Errc::refused;  // too long for a manifest; other errors: it may be one
    auto const manifest = decode_manifest(*text);
    return manifest || manifest.error().code == Errc::refused;
}

/// What no export contains: another backup in a subfolder, or a mount point.
Result<void> check_holds_nothing_else(Folder const& folder, int depth = 0, bool in_metadata = false) {
    constexpr int max_depth = 16;
    auto const entries = folder.entries();
    if (!entries) return entries.error();
    for (auto const& entry : *entries) {
        bool const has_its_name =
            depth > 0 && entry.kind == platform::EntryKind::file && entry.name == core::manifest_file_name;
        if (has_its_name && (!in_metadata || is_manifest_in_metadata(folder)))
            return Error{Errc::refused,
                         "'" + folder.path() + "' is another backup: move it elsewhere, then delete the outer one"};
        if (entry.kind != platform::EntryKind::folder || depth == max_depth) continue;
        bool const is_metadata = in_metadata || is_metadata_folder(entry.name);
        auto const inside = folder.subfolder(entry.name);
        if (!inside && inside.error().code == Errc::not_permitted) {
            // The NAS often keeps it to itself. What cannot be read cannot be deleted either, so nothing is lost.
            if (in_metadata || is_folder_of_nas(entry.name)) continue;
            return while_doing(inside.error(),
                               "what is in it is not known, perhaps another backup: move it elsewhere, "
                               "or give the daemon's user access");
        }
        if (!inside) return inside.error();
        auto const same_mount = folder.is_on_same_mount(*inside);
        if (!same_mount) return same_mount.error();
        if (!*same_mount)
            return Error{Errc::refused,
                         "a file system is mounted at '" + inside->path() + "': not deleted. Unmount it first"};
        if (auto const checked = check_holds_nothing_else(*inside, depth + 1, is_metadata); !checked) return checked;
    }
    return {};
}

/// A manifest that a user copied into another folder does not make that folder a backup.
Result<void> check_manifest_belongs_here(Folder const& folder, core::Manifest const& manifest) {
    for (auto const& file : manifest.files) {
        auto const info = folder.info(file.name);
        if (!info) return info.error();
        if (*info) return {};
    }
    return Error{Errc::refused, "'" + folder.path() +
                                    "' has a manifest, but none of the files that it lists: not deleted. "
                                    "If the folder is not needed, remove it by hand"};
}

struct OpenBackup {
    Folder folder;
    std::string manifest;  ///< the text of its manifest
};

/// Opens a folder that has a manifest.
Result<OpenBackup> open_backup(Folder const& local_path, std::string const& name, std::string const& consequence) {
    if (!may_be_backup(name)) return no_such_backup(name, local_path.path());
    auto folder = local_path.subfolder(name);
    if (!folder && folder.error().code == Errc::not_found) return no_such_backup(name, local_path.path());
    if (!folder) return folder.error();
    auto const info = folder->info(core::manifest_file_name);
    if (!info) return info.error();
    if (!*info)
        return Error{Errc::refused, "'" + folder->path() + "' has no manifest (" + core::manifest_file_name +
                                        "), so scale-backup did not make it: " + consequence};
    auto text = folder->read(core::manifest_file_name, max_manifest_bytes);
    if (!text) return text.error();
    return OpenBackup{std::move(*folder), std::move(*text)};
}

Result<Trashed> move_backup_to_trash(Folder const& local_path, std::string const& name) {
    auto const backup = open_backup(local_path, name, "not deleted");
    if (!backup) return backup.error();
    auto const manifest = decode_manifest(backup->manifest);
    if (!manifest)
        return Error{Errc::refused, "'" + backup->folder.path() +
                                        "' is not deleted: scale-backup cannot determine whether it is protected: " +
                                        manifest.error().context + ". If the folder is not needed, remove it by hand"};
    if (manifest->is_protected)
        return Error{Errc::refused, "backup '" + name + "' is protected: not deleted. Unprotect it first"};
    if (auto const its_own = check_manifest_belongs_here(backup->folder, *manifest); !its_own) return its_own.error();
    if (auto const alone = check_holds_nothing_else(backup->folder); !alone)
        return while_doing(alone.error(), "backup '" + name + "' is not deleted");
    return move_to_trash(local_path, name, backup->folder);
}

/// A missing file that was there a moment ago is damage.
Result<void> check_still_as_inspected(Folder const& folder, core::Manifest const& manifest) {
    auto checked = check_as_inspected(folder, manifest);
    if (checked || checked.error().code != Errc::incomplete_backup) return checked;
    return Error{Errc::damaged_backup, checked.error().context};
}

/// The folder is deleted as soon as it is in the trash.
ports::Removal remove_from_trash(Trashed const& trashed) {
    auto const done = trashed.remove();
    if (done) return {};
    return {
        "some of its files could not be removed from '" + trashed.path() + "': " + done.error().context +
        ". This is retried at the next deletion and at the next start; if it fails again, remove them by hand, as a "
        "user who may: rm -r " +
        shell_word(trashed.path())};
}

/// The manifest may have been renamed, and only the flush to disk failed: a failed job must not leave a backup behind.
void remove_manifest(Folder const& folder, std::string const& text) {
    auto const written = folder.read(core::manifest_file_name, max_manifest_bytes);
    if (!written || *written != text) return;
    if (folder.remove_tree(core::manifest_file_name)) static_cast<void>(folder.sync());
}

}  // namespace

Result<void> check_name_is_free(Folder const& local_path, std::string const& name) {
    if (auto const valid = check_new_name(name); !valid) return valid;
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    auto const folded = case_key(name);
    for (auto const& entry : *entries) {
        if (entry.name == name)
            return Error{Errc::name_in_use, "'" + name + "' already exists in '" + local_path.path() + "'"};
        if (case_key(entry.name) == folded)
            return Error{Errc::name_in_use, "'" + entry.name + "' already exists in '" + local_path.path() +
                                                "'; SMB ignores case, so it is the same as '" + name + "'"};
    }
    return {};
}

Result<void> write_manifest(Folder const& local_path, std::string const& folder_name, core::Manifest const& manifest) {
    if (auto const valid = check_folder_name(manifest.backup); !valid) return valid;
    if (!core::is_landing_folder(folder_name))
        if (auto const valid = check_folder_name(folder_name); !valid) return valid;
    auto const folder = open_on_disk(local_path, folder_name);
    if (!folder) return folder.error();
    auto const text = encode_manifest(manifest);
    // An unreadable manifest must not count as a backup.
    if (auto const readable = decode_manifest(text); !readable) return readable.error();
    if (auto const still = check_still_as_inspected(*folder, manifest); !still) return still;
    // The cluster wrote through Samba, which may not have flushed anything to disk yet. After a power failure the
    // manifest must not exist without the data.
    for (auto const& file : manifest.files)
        if (auto const done = folder->sync_file(file.name); !done) return done;
    if (auto const done = folder->sync(); !done) return done;
    if (auto const done = local_path.sync(); !done) return done;
    auto const written = folder->write_durably(core::manifest_file_name, text);
    if (!written) remove_manifest(*folder, text);
    return written;
}

Result<ports::Removal> discard_landing(Folder const& local_path, std::string const& landing) {
    if (auto const valid = check_landing(landing); !valid) return valid.error();
    auto const name = name_on_disk(local_path, landing);
    if (!name) return name.error();
    auto const folder = local_path.subfolder(*name);
    if (!folder) {
        if (folder.error().code == Errc::not_found) return ports::Removal{};
        return folder.error();
    }
    auto const manifest = folder->info(core::manifest_file_name);
    if (!manifest) return manifest.error();
    if (*manifest) return Error{Errc::refused, "'" + folder->path() + "' holds a finished export: not deleted"};
    auto const entries = folder->entries();
    if (!entries) return entries.error();
    if (auto const foreign = foreign_entry(*entries, landing); !foreign.empty())
        return Error{Errc::refused, "'" + folder->path() + "' contains '" + foreign +
                                        "', which no export writes: not deleted. Move it elsewhere"};
    if (auto const alone = check_holds_nothing_else(*folder); !alone) return alone.error();
    auto const moved = move_to_trash(local_path, *name, *folder);
    if (!moved) return moved.error();
    return remove_from_trash(*moved);
}

Result<ports::Removal> remove_backup(Folder const& local_path, std::string const& name, std::mutex& manifest_mutex) {
    auto const moved = [&] {
        std::lock_guard const lock(manifest_mutex);
        return move_backup_to_trash(local_path, name);
    }();
    if (!moved) return moved.error();
    // Not under the lock: removing many gigabytes takes a while.
    auto removal = remove_from_trash(*moved);
    // Retry what earlier removals left. If that fails, the next start reports it.
    if (removal.remains.empty()) static_cast<void>(empty_trash(local_path));
    return removal;
}

Result<core::Backup> set_protection(Folder const& local_path, std::string const& name, bool is_protected,
                                    std::mutex& manifest_mutex) {
    std::lock_guard const lock(manifest_mutex);
    auto const backup = open_backup(local_path, name, "there is nothing to protect");
    if (!backup) return backup.error();
    auto const manifest = decode_manifest(backup->manifest);
    if (!manifest) return while_doing(manifest.error(), "'" + backup->folder.path() + "'");
    if (manifest->is_protected != is_protected) {
        auto const text = with_protection(backup->manifest, is_protected);
        if (!text) return while_doing(text.error(), "'" + backup->folder.path() + "'");
        auto const written = backup->folder.write_durably(core::manifest_file_name, *text);
        if (!written) return written.error();
    }
    auto changed = read_backup(local_path, name);
    if (!changed) return changed.error();
    if (!*changed) return Error{Errc::not_found, "backup '" + name + "' was removed during this operation"};
    return std::move(**changed);
}

}  // namespace sb::catalog
