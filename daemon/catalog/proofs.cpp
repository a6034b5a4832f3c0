#include "daemon/catalog/proofs.hpp"

#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/manifest_edit.hpp"
#include "daemon/catalog/manifest_seal.hpp"
#include "daemon/verify/inspect.hpp"

#include <algorithm>

namespace sb::catalog {
namespace {

using platform::Folder;

Result<Folder> open_folder(Folder const& local_path, std::string const& name) {
    auto folder = name.starts_with('.') ? Result<Folder>(Error{Errc::not_found, ""}) : local_path.subfolder(name);
    if (!folder && folder.error().code == Errc::not_found)
        return Error{Errc::not_found, "there is no backup '" + name + "' in '" + local_path.path() + "'"};
    return folder;
}

Result<std::string> manifest_text(Folder const& folder) {
    auto text = folder.read(core::manifest_file_name, largest_manifest);
    if (text || text.error().code == Errc::io) return text;
    if (text.error().code == Errc::not_found)
        return Error{Errc::refused, "it has no manifest, so nothing tells what it must be"};
    return Error{Errc::damaged_backup, "its manifest cannot be used: " + text.error().context};
}

Result<void> check_files(Folder const& folder, core::Manifest const& manifest) {
    for (auto const& file : manifest.files) {
        auto const there = folder.look(file.name);
        if (!there) return there.error();
        if (!*there) return Error{Errc::incomplete_backup, "'" + file.name + "' is missing"};
        if ((*there)->kind != platform::EntryKind::file)
            return Error{Errc::damaged_backup, "'" + file.name + "' is no regular file"};
        if ((*there)->size_bytes != file.size_bytes)
            return Error{Errc::damaged_backup, "'" + file.name + "' has " + std::to_string((*there)->size_bytes) +
                                                   " bytes instead of " + std::to_string(file.size_bytes)};
    }
    return {};
}

/// Of an export, a text that breaks off or a table that points beyond the file's end says that not all has arrived. Of
/// a backup all had arrived, and every file is still there in its size: its bytes are others now. Unless a file went
/// just now.
Error as_damage(Folder const& folder, core::Manifest const& manifest, Error error) {
    if (auto const still = check_files(folder, manifest); !still) return still.error();
    error.code = Errc::damaged_backup;
    return error;
}

/// A finished backup is never written to again, so a table that reads otherwise is damage even where it contradicts
/// nothing: tables of zeros are an empty disk to every reader.
Result<void> compare_structure(core::Manifest const& manifest, std::vector<core::BackupFile> const& found) {
    for (auto const& file : manifest.files) {
        auto const now = std::ranges::find(found, file.name, &core::BackupFile::name);
        if (now == found.end() || !verify::structure_differs(file.structure, now->structure)) continue;
        auto const what = file.role == "disk" ? "the tables of '" + file.name + "' are" : "'" + file.name + "' is";
        return Error{Errc::damaged_backup, what + " not what stood there when the backup was made"};
    }
    return {};
}

Result<void> change(Folder const& local_path, std::string const& name, auto const& changes_of) {
    auto const folder = open_folder(local_path, name);
    if (!folder) return folder.error();
    auto const text = manifest_text(*folder);
    if (!text) return text.error();
    auto const manifest = decode_manifest(*text);
    if (!manifest) return manifest.error();
    auto const changed = with_changes(*text, changes_of(*manifest));
    if (!changed) return changed.error();
    return folder->write_durably(core::manifest_file_name, *changed);
}

}  // namespace

Result<core::Manifest> read_manifest(Folder const& local_path, std::string const& name) {
    auto const folder = open_folder(local_path, name);
    if (!folder) return folder.error();
    auto const text = manifest_text(*folder);
    if (!text) return text.error();
    return decode_manifest(*text);
}

Result<core::Manifest> check_backup(Folder const& local_path, std::string const& name, core::Level level) {
    auto const folder = open_folder(local_path, name);
    if (!folder) return folder.error();
    auto const text = manifest_text(*folder);
    if (!text) return text.error();
    auto manifest = decode_manifest(*text);
    if (!manifest) return manifest.error();
    if (level != core::Level::structure) {
        auto const seal = check_seal(*text);
        bool const had_one = core::content_proven_at(manifest->verified).has_value();
        if (seal == Seal::broken || (seal == Seal::absent && had_one))
            return Error{Errc::damaged_backup, std::string("its manifest (") + core::manifest_file_name +
                                                   ") was changed by something else than scale-backup"};
    }
    if (auto const checked = check_files(*folder, *manifest); !checked) return checked.error();
    auto const found = verify::inspect_folder(*folder, {name, manifest->definition_file, manifest->disks});
    if (!found && found.error().code == Errc::incomplete_backup) return as_damage(*folder, *manifest, found.error());
    if (!found) return found.error();
    if (auto const same = compare_structure(*manifest, *found); !same) return same.error();
    return std::move(*manifest);
}

Result<bool> record_proof(Folder const& local_path, std::string const& name, core::Level level, UtcTime at,
                          std::vector<verify::ProvenFile> const& files, std::mutex& one_change) {
    std::lock_guard const lock(one_change);
    bool cleared = false;
    auto const changes_of = [&](core::Manifest const& manifest) {
        ManifestChanges changes;
        changes.verified = core::with_proof(manifest.verified, level, at);
        for (auto const& file : files) changes.content[file.name] = verify::hex(file.root);
        if (manifest.damage && core::clears(*manifest.damage, level)) {
            changes.damage = std::optional<core::Damage>();
            cleared = true;
        }
        return changes;
    };
    if (auto const changed = change(local_path, name, changes_of); !changed) return changed.error();
    return cleared;
}

Result<void> record_damage(Folder const& local_path, std::string const& name, core::Damage const& damage,
                           std::mutex& one_change) {
    std::lock_guard const lock(one_change);
    auto const changes_of = [&](core::Manifest const&) {
        ManifestChanges changes;
        changes.damage = damage;
        return changes;
    };
    return change(local_path, name, changes_of);
}

}  // namespace sb::catalog
