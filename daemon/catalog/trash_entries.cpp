#include "daemon/catalog/trash_entries.hpp"

#include "common/text/case_key.hpp"
#include "daemon/catalog/backup_folder.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/manifest_edit.hpp"
#include "daemon/catalog/random_digits.hpp"
#include "daemon/catalog/removal.hpp"
#include "daemon/catalog/trash.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace sb::catalog {
namespace {

using platform::EntryKind;
using platform::Folder;

constexpr std::size_t trash_entry_digits = 16;

Result<void> check_entry(std::string const& entry) {
    if (is_trash_entry(entry)) return {};
    return Error{Errc::refused, "'" + entry + "' is not an entry of the trash"};
}

/// The trash folder and one entry in it; nothing if either does not exist.
struct OpenEntry {
    Folder trash;
    Folder folder;
};

Result<std::optional<OpenEntry>> open_entry(Folder const& local_path, std::string const& entry) {
    if (auto const valid = check_entry(entry); !valid) return valid.error();
    std::optional<OpenEntry> found;
    auto trash = open_trash(local_path);
    if (!trash) return trash.error();
    if (!*trash) return found;
    auto folder = (*trash)->subfolder(entry);
    if (!folder && folder.error().code == Errc::not_found) return found;
    if (!folder) return folder.error();
    found.emplace(OpenEntry{std::move(**trash), std::move(*folder)});
    return found;
}

/// Also if only the case differs: it would be the same folder on the share.
Result<void> check_not_taken(Folder const& local_path, std::string const& name) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    auto const wanted_key = case_key(name);
    for (auto const& entry : *entries)
        if (case_key(entry.name) == wanted_key)
            return Error{Errc::name_in_use, "'" + entry.name + "' exists in '" + local_path.path() +
                                                "': rename it, then take the deleted backup back"};
    return {};
}

/// Another folder may have been put in its place.
Result<void> check_identity(Folder const& entry, std::string const& text, std::string const& name,
                            std::string const& identity) {
    if (identity.empty()) return {};
    auto const manifest = decode_manifest(text);
    if (!manifest) return while_doing(manifest.error(), "'" + name + "' in '" + entry.path() + "'");
    if (core::identity_of(*manifest) == identity) return {};
    return Error{Errc::refused, "'" + entry.path() + "' is not the deleted backup '" + name + "': its " +
                                    core::manifest_file_name + " is of backup '" + manifest->backup + "', job " +
                                    std::to_string(manifest->job) +
                                    ". Another folder was put in its place; it is not moved or changed. If you need "
                                    "what is in it, move it into LocalPath by hand, under a free name"};
}

Result<void> protect_entry(Folder const& entry, std::string const& name, std::string const& identity) {
    auto const text = entry.read(core::manifest_file_name, max_manifest_bytes);
    if (!text && text.error().code == Errc::not_found)
        return Error{Errc::incomplete_backup, "'" + entry.path() + "' has no manifest: its removal has begun"};
    if (!text) return text.error();
    if (auto const same = check_identity(entry, *text, name, identity); !same) return same;
    ManifestChanges changes;
    changes.is_protected = true;
    auto const changed = with_changes(*text, changes);
    if (!changed) return while_doing(changed.error(), "'" + name + "' in '" + entry.path() + "'");
    if (*changed == *text) return {};
    return entry.write_durably(core::manifest_file_name, *changed);
}

}  // namespace

Result<std::uint64_t> freed_by_removing(Folder const& local_path, std::string const& name) {
    auto const folder = local_path.subfolder(name);
    if (!folder) return folder.error();
    auto const entries = folder->entries();
    if (!entries) return entries.error();
    std::uint64_t bytes = 0;
    for (auto const& entry : *entries) {
        auto const freed = folder->freed_by_removing(entry.name);
        if (!freed) return freed.error();
        bytes += *freed;
    }
    return bytes;
}

Result<std::string> new_trash_entry(Folder const& local_path) {
    for (;;) {
        auto name = "deleted-" + random_digits(trash_entry_digits);
        auto const taken = open_entry(local_path, name);
        if (!taken) return taken.error();
        if (!*taken) return name;
    }
}

Result<void> move_backup_to_trash(Folder const& local_path, std::string const& name, std::string const& entry,
                                  std::mutex& manifest_mutex) {
    if (auto const valid = check_entry(entry); !valid) return valid;
    std::lock_guard const lock(manifest_mutex);
    auto const backup = open_removable(local_path, name);
    if (!backup) return backup.error();
    auto const trash = local_path.make_subfolder(trash_name);
    if (!trash) return trash.error();
    return move_checked(local_path, name, *trash, entry, backup->folder);
}

Result<void> take_from_trash(Folder const& local_path, std::string const& entry, std::string const& name,
                             std::string const& identity, std::mutex& manifest_mutex) {
    if (auto const valid = check_folder_name(name); !valid) return valid;
    std::lock_guard const lock(manifest_mutex);
    auto const found = open_entry(local_path, entry);
    if (!found) return found.error();
    if (!*found)
        return Error{Errc::not_found, "'" + name + "' is not in the trash ('" + local_path.path() + "/" + trash_name +
                                          "/" + entry + "')"};
    if (auto const free = check_not_taken(local_path, name); !free) return free;
    auto const& [trash, folder] = **found;
    if (auto const done = protect_entry(folder, name, identity); !done) return done;
    auto const moved = trash.move_to(entry, local_path, name);
    if (moved) return {};
    // It may be back and only the flush has failed: then nothing is certain, and it waits in the trash again.
    auto const there = local_path.subfolder(name);
    auto const is_back = there ? there->is_same_as(folder) : Result<bool>(false);
    if (is_back && *is_back) static_cast<void>(local_path.move_to(name, trash, entry));
    return moved;
}

Result<ports::Removal> empty_trash_entry(Folder const& local_path, std::string const& entry) {
    auto found = open_entry(local_path, entry);
    if (!found) return found.error();
    if (!*found) return ports::Removal{};
    auto& [trash, folder] = **found;
    auto const begun = begin_removal(std::move(trash), entry);
    if (begun) return remove_for_good(*begun);
    if (begun.error().code != Errc::no_space) return begun.error();
    // Too full to rename it.
    if (auto const done = folder.remove_tree(core::manifest_file_name); !done) return done.error();
    static_cast<void>(folder.sync());
    auto const parent = local_path.subfolder(trash_name);
    if (!parent) return parent.error();
    if (auto const done = parent->remove_tree(entry); !done) return done.error();
    return ports::Removal{};
}

Result<std::vector<std::string>> trash_entries(Folder const& local_path) {
    std::vector<std::string> names;
    auto const trash = open_trash(local_path);
    if (!trash) return trash.error();
    if (!*trash) return names;
    auto const entries = (*trash)->entries();
    if (!entries) return entries.error();
    for (auto const& entry : *entries)
        if (entry.kind == EntryKind::folder && is_trash_entry(entry.name)) names.push_back(entry.name);
    return names;
}

}  // namespace sb::catalog
