#include "daemon/catalog/removal.hpp"

#include "common/text/shell_word.hpp"
#include "daemon/catalog/backup_folder.hpp"
#include "daemon/catalog/export_files.hpp"
#include "daemon/catalog/landing.hpp"
#include "daemon/catalog/manifest_codec.hpp"

#include <optional>
#include <utility>

namespace sb::catalog {
namespace {

using platform::Folder;

Result<Trashed> take_out(Folder const& local_path, std::string const& name, Folder const& checked) {
    auto moved = move_to_trash(local_path, name, checked);
    if (moved || moved.error().code != Errc::no_space) return moved;
    return hide_for_removal(local_path, name, checked);
}

ports::Removal remains_of(std::string const& path, Error const& problem, std::string const& retried) {
    return {"some of its files could not be removed from '" + path + "': " + problem.context + ". " + retried +
            "; if it fails again, remove them by hand, as a user who may: rm -r " + shell_word(path)};
}

/// Without its definition it is not a good backup, and with its manifest it is still known as one of this program.
Result<ports::Removal> remove_in_place(Folder const& local_path, std::string const& name, OpenBackup const& backup) {
    auto const manifest = decode_manifest(backup.text);
    if (!manifest) return manifest.error();
    if (auto const done = backup.folder.remove_tree(manifest->definition_file); !done) return done.error();
    static_cast<void>(backup.folder.sync());
    auto const retried = "The backup is now incomplete; delete it again";
    auto const entries = backup.folder.entries();
    if (!entries) return remains_of(backup.folder.path(), entries.error(), retried);
    std::optional<Error> problem;
    for (auto const& entry : *entries) {
        if (entry.name == core::manifest_file_name) continue;
        if (auto const done = backup.folder.remove_tree(entry.name); !done) problem = done.error();
    }
    if (problem) return remains_of(backup.folder.path(), *problem, retried);
    if (auto const done = local_path.remove_tree(name); !done)
        return remains_of(backup.folder.path(), done.error(), retried);
    return ports::Removal{};
}

}  // namespace

ports::Removal remove_for_good(Trashed const& trashed) {
    auto const done = trashed.remove();
    if (done) return {};
    return remains_of(trashed.path(), done.error(), "This is retried at the next start");
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
    auto const moved = take_out(local_path, *name, *folder);
    if (moved) return remove_for_good(*moved);
    if (moved.error().code != Errc::no_space) return moved.error();
    // A landing folder never looks like a backup, so nothing of it has to go first.
    if (auto const done = local_path.remove_tree(*name); !done) return done.error();
    return ports::Removal{};
}

Result<ports::Removal> remove_backup(Folder const& local_path, std::string const& name, std::mutex& manifest_mutex) {
    std::unique_lock lock(manifest_mutex);
    auto const backup = open_removable(local_path, name);
    if (!backup) return backup.error();
    auto const moved = take_out(local_path, name, backup->folder);
    if (!moved && moved.error().code == Errc::no_space) return remove_in_place(local_path, name, *backup);
    if (!moved) return moved.error();
    lock.unlock();  // removing many gigabytes takes a while
    auto removal = remove_for_good(*moved);
    // Retry what earlier removals left. If that fails, the next start reports it.
    if (removal.remains.empty()) static_cast<void>(empty_trash(local_path));
    return removal;
}

}  // namespace sb::catalog
