#include "daemon/catalog/changes.hpp"

#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/scan.hpp"

#include <atomic>

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
