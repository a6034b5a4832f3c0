#include "daemon/catalog/changes.hpp"

#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/scan.hpp"

#include <atomic>
#include <mutex>
#include <utility>

namespace sb::catalog {
namespace {

using platform::Folder;

/// A free name in the trash. Leftovers of an earlier run may hold low numbers, other threads take some meanwhile.
Result<std::string> move_to_trash(Folder const& local_path, Folder const& trash, std::string const& name) {
    static std::atomic<unsigned> counter{0};
    for (;;) {
        auto number = std::to_string(counter++);
        auto const taken = trash.look(number);
        if (!taken) return taken.error();
        if (*taken) continue;
        if (auto const moved = local_path.move_to(name, trash, number); !moved) return moved.error();
        return number;
    }
}

struct OpenBackup {
    Folder folder;
    std::string manifest;  ///< its text
};

/// A folder that is a backup because it has a manifest.
Result<OpenBackup> open_backup(Folder const& local_path, std::string const& name, std::string const& consequence) {
    if (name.starts_with('.') || !platform::is_plain_name(name))
        return Error{Errc::not_found, "there is no backup '" + name + "' in '" + local_path.path() + "'"};
    auto folder = local_path.subfolder(name);
    if (!folder && folder.error().code == Errc::not_found)
        return Error{Errc::not_found, "there is no backup '" + name + "' in '" + local_path.path() + "'"};
    if (!folder) return folder.error();
    auto const there = folder->look(core::manifest_file_name);
    if (!there) return there.error();
    if (!*there)
        return Error{Errc::refused, "'" + folder->path() + "' has no manifest (" + core::manifest_file_name +
                                        "), so it is no backup of scale-backup: " + consequence};
    auto text = folder->read(core::manifest_file_name, largest_manifest);
    if (!text) return text.error();
    return OpenBackup{std::move(*folder), std::move(*text)};
}

struct Trashed {
    Folder trash;
    std::string number;  ///< its name there
};

Result<Trashed> move_backup_to_trash(Folder const& local_path, std::string const& name) {
    auto const backup = open_backup(local_path, name, "not removed");
    if (!backup) return backup.error();
    auto const manifest = decode_manifest(backup->manifest);
    if (!manifest)
        return Error{Errc::refused, "'" + backup->folder.path() + "' is not removed, since it cannot be told whether "
                                        "it is protected: " + manifest.error().context +
                                        ". If it is of no use, remove the folder by hand"};
    if (manifest->is_protected)
        return Error{Errc::refused, "backup '" + name + "' is protected: not removed. Take its protection away first"};
    auto trash = local_path.make_subfolder(trash_name);
    if (!trash) return trash.error();
    auto number = move_to_trash(local_path, *trash, name);
    if (!number) return number.error();
    return Trashed{std::move(*trash), std::move(*number)};
}

}  // namespace

Result<void> check_name_is_free(Folder const& local_path, std::string const& name) {
    if (auto const valid = check_folder_name(name); !valid) return valid;
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    auto const key = case_key(name);
    for (auto const& entry : *entries) {
        if (entry.name == name)
            return Error{Errc::name_in_use, "'" + name + "' exists already in '" + local_path.path() + "'"};
        if (case_key(entry.name) == key)
            return Error{Errc::name_in_use, "'" + entry.name + "' exists already in '" + local_path.path() +
                                                "', and SMB does not tell it from '" + name + "'"};
    }
    return {};
}

Result<void> commit_manifest(Folder const& local_path, core::Manifest const& manifest) {
    if (auto const valid = check_folder_name(manifest.backup); !valid) return valid;
    auto const folder = local_path.subfolder(manifest.backup);
    if (!folder) return folder.error();
    auto const text = encode_manifest(manifest);
    // What we cannot read again must not count as a backup.
    if (auto const readable = decode_manifest(text); !readable) return readable.error();
    for (auto const& file : manifest.files) {
        auto const now = folder->look(file.name);
        if (!now) return now.error();
        if (!*now || (*now)->kind != platform::EntryKind::file || (*now)->size_bytes != file.size_bytes)
            return Error{Errc::damaged_backup,
                         "'" + file.name + "' in '" + folder->path() + "' changed after it was inspected"};
        // The cluster wrote through Samba, which need not have brought anything to the disk yet. The manifest
        // must not outlive the data in a power cut.
        if (auto const done = folder->sync_file(file.name); !done) return done;
    }
    if (auto const done = folder->sync(); !done) return done;
    if (auto const done = local_path.sync(); !done) return done;
    return folder->write_durably(core::manifest_file_name, text);
}

Result<void> discard_folder(Folder const& local_path, std::string const& name) {
    if (auto const valid = check_folder_name(name); !valid) return valid;
    auto const folder = local_path.subfolder(name);
    if (!folder) {
        if (folder.error().code == Errc::not_found) return {};
        return folder.error();
    }
    auto const manifest = folder->look(core::manifest_file_name);
    if (!manifest) return manifest.error();
    if (*manifest) return Error{Errc::refused, "'" + folder->path() + "' holds a finished backup: not removed"};
    auto const trash = local_path.make_subfolder(trash_name);
    if (!trash) return trash.error();
    auto const number = move_to_trash(local_path, *trash, name);
    if (!number) return number.error();
    return trash->remove_tree(*number);
}

Result<void> remove_backup(Folder const& local_path, std::string const& name, std::mutex& one_change) {
    auto const moved = [&] {
        std::lock_guard const lock(one_change);
        return move_backup_to_trash(local_path, name);
    }();
    if (!moved) return moved.error();
    // Not under the lock: many gigabytes can take their time.
    auto const done = moved->trash.remove_tree(moved->number);
    if (!done)
        return while_doing(done.error(), "backup '" + name + "' is no backup any more, but not all of it could be "
                                             "removed from '" + moved->trash.path() +
                                             "' (tried again at the next start)");
    return {};
}

Result<core::Backup> set_protection(Folder const& local_path, std::string const& name, bool is_protected,
                                    std::mutex& one_change) {
    std::lock_guard const lock(one_change);
    auto const backup = open_backup(local_path, name, "there is nothing to be protected");
    if (!backup) return backup.error();
    auto const manifest = decode_manifest(backup->manifest);
    if (!manifest) return while_doing(manifest.error(), "'" + backup->folder.path() + "'");
    if (manifest->is_protected != is_protected) {
        auto const text = with_protection(backup->manifest, is_protected);
        if (!text) return while_doing(text.error(), "'" + backup->folder.path() + "'");
        auto const written = backup->folder.write_durably(core::manifest_file_name, *text);
        if (!written) return written.error();
    }
    auto changed = look_at_backup(local_path, name);
    if (!changed) return changed.error();
    if (!*changed) return Error{Errc::not_found, "backup '" + name + "' was taken away meanwhile"};
    return std::move(**changed);
}

Result<std::size_t> empty_trash(Folder const& local_path) {
    auto const trash = local_path.subfolder(trash_name);
    if (!trash) {
        if (trash.error().code == Errc::not_found) return std::size_t{0};
        return trash.error();
    }
    auto const entries = trash->entries();
    if (!entries) return entries.error();
    for (auto const& entry : *entries)
        if (auto const done = trash->remove_tree(entry.name); !done) return done.error();
    return entries->size();
}

}  // namespace sb::catalog
