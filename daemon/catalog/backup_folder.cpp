#include "daemon/catalog/backup_folder.hpp"

#include "daemon/catalog/export_files.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/manifest_codec.hpp"

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

Result<void> check_level(Folder const& folder, int depth, bool in_metadata) {
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
        if (auto const checked = check_level(*inside, depth + 1, is_metadata); !checked) return checked;
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

}  // namespace

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

Result<void> check_holds_nothing_else(Folder const& folder) { return check_level(folder, 0, false); }

Result<OpenBackup> open_removable(Folder const& local_path, std::string const& name) {
    auto backup = open_backup(local_path, name, "not deleted");
    if (!backup) return backup.error();
    auto manifest = decode_manifest(backup->text);
    if (!manifest)
        return Error{Errc::refused, "'" + backup->folder.path() +
                                        "' is not deleted: scale-backup cannot determine whether it is protected: " +
                                        manifest.error().context + ". If the folder is not needed, remove it by hand"};
    if (manifest->is_protected)
        return Error{Errc::refused, "backup '" + name + "' is protected: not deleted. Unprotect it first"};
    if (auto const its_own = check_manifest_belongs_here(backup->folder, *manifest); !its_own) return its_own.error();
    if (auto const alone = check_holds_nothing_else(backup->folder); !alone)
        return while_doing(alone.error(), "backup '" + name + "' is not deleted");
    return backup;
}

}  // namespace sb::catalog
