#include "daemon/catalog/changes.hpp"

#include "common/text/case_key.hpp"
#include "daemon/catalog/backup_folder.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/landing.hpp"
#include "daemon/catalog/listed_files.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/manifest_edit.hpp"
#include "daemon/catalog/random_digits.hpp"
#include "daemon/catalog/scan.hpp"
#include "daemon/catalog/trash.hpp"
#include "daemon/core/landing.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

namespace sb::catalog {
namespace {

using platform::Folder;

/// A missing file that was there a moment ago is damage.
Result<void> check_still_as_inspected(Folder const& folder, core::Manifest const& manifest) {
    auto checked = check_as_inspected(folder, manifest);
    if (checked || checked.error().code != Errc::incomplete_backup) return checked;
    return Error{Errc::damaged_backup, checked.error().context};
}

/// The manifest may have been renamed, and only the flush to disk failed: a failed job must not leave a backup behind.
void remove_manifest(Folder const& folder, std::string const& text) {
    auto const written = folder.read(core::manifest_file_name, max_manifest_bytes);
    if (!written || *written != text) return;
    if (folder.remove_tree(core::manifest_file_name)) static_cast<void>(folder.sync());
}

/// Rewrites the manifest if `change` wants that: it returns nothing if the manifest is as it should be already.
template <class Change>
Result<core::Backup> change_manifest(Folder const& local_path, std::string const& name, std::string const& consequence,
                                     std::mutex& manifest_mutex, Change change) {
    std::lock_guard const lock(manifest_mutex);
    auto const backup = open_backup(local_path, name, consequence);
    if (!backup) return backup.error();
    auto const manifest = decode_manifest(backup->text);
    if (!manifest) return while_doing(manifest.error(), "'" + backup->folder.path() + "'");
    if (std::optional<ManifestChanges> const changes = change(*manifest)) {
        auto const text = with_changes(backup->text, *changes);
        if (!text) return while_doing(text.error(), "'" + backup->folder.path() + "'");
        auto const written = backup->folder.write_durably(core::manifest_file_name, *text);
        if (!written) return written.error();
    }
    auto changed = read_backup(local_path, name);
    if (!changed) return changed.error();
    if (!*changed) return Error{Errc::not_found, "backup '" + name + "' was removed during this operation"};
    return std::move(**changed);
}

/// What an export and its commit do: a folder with a file, flushed, that gets its name.
Result<void> write_probe(Folder const& local_path, std::string const& name, std::string const& new_name) {
    auto const folder = local_path.make_subfolder(name);
    if (!folder) return folder.error();
    if (auto const written = folder->write_durably("probe", "a test of scale-backupd\n"); !written) return written;
    if (auto const done = folder->sync_file("probe"); !done) return done;
    if (auto const done = local_path.rename_exclusively(name, new_name); !done) return done;
    return local_path.sync();
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

Result<core::Backup> set_protection(Folder const& local_path, std::string const& name, bool is_protected,
                                    std::mutex& manifest_mutex) {
    auto const change = [is_protected](core::Manifest const& manifest) {
        std::optional<ManifestChanges> changes;
        if (manifest.is_protected != is_protected) changes.emplace().is_protected = is_protected;
        return changes;
    };
    return change_manifest(local_path, name, "there is nothing to protect", manifest_mutex, change);
}

Result<core::Backup> accept_export(Folder const& local_path, std::string const& name, UtcTime at,
                                   std::mutex& manifest_mutex) {
    auto const change = [at](core::Manifest const& manifest) {
        std::optional<ManifestChanges> changes;
        if (!manifest.accepted) changes.emplace().accepted = at;
        return changes;
    };
    return change_manifest(local_path, name, "there is nothing to accept; adopt it first", manifest_mutex, change);
}

Result<void> probe(Folder const& local_path) {
    constexpr std::size_t count = 16;
    auto const name = std::string(probe_prefix) + random_digits(count);
    auto const renamed = std::string(probe_prefix) + random_digits(count);
    auto const name_held = hold_probe(name), renamed_held = hold_probe(renamed);
    auto const done = write_probe(local_path, name, renamed);
    auto const first = local_path.remove_tree(name);
    auto const second = local_path.remove_tree(renamed);
    if (!done) return done;
    if (!first) return first;
    return second;
}

}  // namespace sb::catalog
