#include "daemon/engine/trash.hpp"

#include "common/text/shell_word.hpp"
#include "daemon/core/local_path_owner.hpp"
#include "daemon/core/storage_mark.hpp"
#include "daemon/core/storage_space.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sb::engine {

using namespace core;

namespace {

DeletedBackup trash_row_of(Backup const& backup, std::string why, UtcTime now) {
    DeletedBackup row;
    row.backup = backup.name;
    row.deleted = now;
    row.why = std::move(why);
    if (!backup.manifest) return row;
    row.vm = backup.manifest->vm_uuid;
    row.vm_name = backup.manifest->vm_name;
    row.cluster_uuid = backup.manifest->cluster_uuid;
    row.manifest = identity_of(*backup.manifest);
    return row;
}

std::string folder_on_disk(Backup const& backup) { return backup.folder.empty() ? backup.name : backup.folder; }

}  // namespace

/// Without its file system mounted, LocalPath is another folder, whose trash says nothing.
task<Trash::Storage> Trash::storage() {
    auto const recorded = co_await dependencies_.journal.fact(storage_mark_fact);
    if (!recorded) co_return Storage::other;
    if (!*recorded) co_return Storage::unmarked;
    auto const found = co_await dependencies_.catalog.storage_mark();
    co_return found && found->id == **recorded ? Storage::known : Storage::other;
}

task<Result<void>> Trash::know_installation() {
    if (!installation_.empty()) co_return boost::system::in_place_value;
    auto const name = co_await dependencies_.journal.fact(installation_fact);
    if (!name) co_return name.error();
    installation_ = name->value_or("");
    co_return boost::system::in_place_value;
}

task<Result<void>> Trash::load() {
    auto const known = co_await know_installation();
    if (!known) co_return known.error();
    auto rows = co_await dependencies_.journal.deleted_backups();
    if (!rows) co_return rows.error();
    std::erase_if(*rows, [this](DeletedBackup const& row) {
        return !row.installation.empty() && !installation_.empty() && row.installation != installation_;
    });
    entries_ = std::move(*rows);
    is_loaded_ = true;
    co_await compare_with_folders();
    co_return boost::system::in_place_value;
}

/// The journal could not be read at the start.
task<void> Trash::load_late() {
    if (is_loaded_) co_return;
    auto const loaded = co_await load();
    if (!loaded) spdlog::warn("the deleted backups cannot be listed: {}", loaded.error().context);
}

task<Result<std::vector<std::string>>> Trash::list_folders() {
    std::set<std::string> missing;  // what is deleted during the listing is not
    for (auto const& row : entries_)
        if (!busy_.contains(row.entry)) missing.insert(row.entry);
    auto folders = co_await dependencies_.catalog.trash_entries();
    if (!folders) co_return folders;
    for (auto const& entry : *folders) missing.erase(entry);
    std::erase_if(missing,
                  [this](std::string const& entry) { return busy_.contains(entry) || find(entry) == nullptr; });
    missing_ = std::move(missing);
    co_return folders;
}

task<bool> Trash::is_in_place(DeletedBackup row) {
    auto const found = co_await dependencies_.catalog.find(row.backup);
    if (!found || !found->manifest) co_return false;
    if (row.manifest.empty()) co_return found->manifest->vm_uuid == row.vm;
    co_return identity_of(*found->manifest) == row.manifest;
}

task<void> Trash::compare_with_folders() {
    auto const found = co_await storage();
    if (found != Storage::known) co_return;
    auto const folders = co_await list_folders();
    if (!folders) {
        spdlog::warn("the trash in LocalPath cannot be listed: {}", folders.error().context);
        co_return;
    }
    auto const rows = entries_;
    for (auto const& row : rows) {
        if (!missing_.contains(row.entry)) continue;
        bool const is_back = co_await is_in_place(row);
        if (is_back) co_await forget(row.entry);
        else
            spdlog::warn("deleted backup '{}' is not in the trash now ({}): its row stays until its time is over",
                         row.backup, row.entry);
    }
    auto const unknown = std::ranges::count_if(*folders, [this](auto const& name) { return find(name) == nullptr; });
    if (unknown > 0)
        spdlog::warn(
            "the folder .scale-backup-trash in LocalPath has {} deleted backups that this daemon does not know: of "
            "another installation, or of a lost or later journal. They stay, and occupy space. If no other "
            "installation uses LocalPath: move what you need into LocalPath under the name in its scale-backup.json, "
            "and delete the other folders named deleted-...",
            unknown);
}

DeletedBackup const* Trash::find(std::string const& entry) const {
    auto const row = std::ranges::find(entries_, entry, &DeletedBackup::entry);
    return row == entries_.end() ? nullptr : &*row;
}

/// A row that stays in the journal is dropped by the next load().
task<void> Trash::forget(std::string entry) {
    std::erase_if(entries_, [&](DeletedBackup const& row) { return row.entry == entry; });
    moved_.erase(entry);
    missing_.erase(entry);
    auto const forgotten = co_await dependencies_.journal.forget_deleted(std::move(entry));
    if (!forgotten) spdlog::warn("an entry of the trash could not be forgotten: {}", forgotten.error().context);
}

/// Where the journal shares LocalPath's disk, nothing could ever be deleted from a full one if each row had to fit.
task<bool> Trash::is_too_full_for_a_row(Error problem) {
    if (problem.code != Errc::no_space) co_return false;
    auto const space = co_await dependencies_.catalog.space();
    if (!space || space->total_bytes == 0) co_return false;
    StorageSpace measured;
    measured.total_bytes = space->total_bytes;
    co_return space->free_bytes < reserve_of(measured);
}

task<Result<ports::Removal>> Trash::remove(Backup backup, std::string why, bool immediately) {
    auto folder = folder_on_disk(backup);
    auto const name = backup.name;
    bool const may_wait = !immediately && dependencies_.undelete_for() > Milliseconds::zero();
    if (may_wait) {
        auto const moved = co_await move(std::move(backup), std::move(why));
        if (!moved) co_return moved.error();
        if (moved->empty()) co_return ports::Removal();
        spdlog::warn("backup '{}' cannot wait in the trash: {}", name, *moved);
    }
    co_return co_await dependencies_.catalog.remove(std::move(folder));
}

task<Result<ports::Removal>> Trash::remove_undoably(Backup backup, std::string why) {
    if (dependencies_.undelete_for() <= Milliseconds::zero())
        co_return co_await dependencies_.catalog.remove(folder_on_disk(backup));
    auto const name = backup.name;
    auto const moved = co_await move(std::move(backup), std::move(why));
    if (!moved) co_return moved.error();
    if (moved->empty()) co_return ports::Removal();
    co_return Error{Errc::refused, "backup '" + name +
                                       "' was not deleted: it cannot wait in the trash, from which it could be taken "
                                       "back: " +
                                       *moved +
                                       ". To delete it immediately: " + suggested_command("delete --now", {name})};
}

task<Result<std::string>> Trash::move(Backup backup, std::string why) {
    auto const known = co_await know_installation();
    if (!known) co_return known.error();
    auto const entry = co_await dependencies_.catalog.new_trash_entry();
    if (!entry) co_return entry.error();
    auto row = trash_row_of(backup, std::move(why), dependencies_.time.now());
    Moved deleted;
    deleted.worth = worth_of(backup);
    if (backup.manifest) deleted.started = backup.manifest->started;
    auto const freed = co_await dependencies_.catalog.freed_by_removing(folder_on_disk(backup));
    row.size_bytes = freed ? *freed : 0;  // unknown: no export counts on it
    row.entry = *entry;
    row.installation = installation_;
    auto const recorded = co_await dependencies_.journal.add_deleted(row);
    if (!recorded) {
        bool const is_too_full = co_await is_too_full_for_a_row(recorded.error());
        if (!is_too_full) co_return while_doing(recorded.error(), "'" + row.backup + "' is not deleted");
        co_return recorded.error().context;
    }
    auto const moved = co_await dependencies_.catalog.move_to_trash(folder_on_disk(backup), row.entry);
    if (moved) {
        deleted.at = dependencies_.time.steady_now();
        moved_[row.entry] = deleted;
        entries_.push_back(std::move(row));
        co_return std::string();
    }
    // Normally it is where it was. If it may be in the trash, the row stays: it can then be taken back.
    auto const folders = co_await dependencies_.catalog.trash_entries();
    if (!folders || std::ranges::find(*folders, row.entry) != folders->end()) {
        entries_.push_back(std::move(row));
        co_return moved.error();
    }
    co_await forget(row.entry);
    if (moved.error().code != Errc::no_space) co_return moved.error();
    co_return moved.error().context;
}

DeletedBackup const* Trash::find_wanted(std::string const& backup) const {
    if (auto const* row = find(backup)) return row;
    auto const newest = std::ranges::find(entries_.rbegin(), entries_.rend(), backup, &DeletedBackup::backup);
    return newest == entries_.rend() ? nullptr : &*newest;
}

task<Result<std::string>> Trash::undelete(std::string backup) {
    co_await load_late();
    auto const* row = find_wanted(backup);
    if (row == nullptr)
        co_return Error{Errc::not_found, "there is no deleted backup '" + backup +
                                             "'; show-backups --deleted lists those that can be taken back"};
    auto const wanted = *row;
    if (busy_.contains(wanted.entry))
        co_return Error{Errc::refused,
                        "the deleted backup '" + backup + "' is being removed or taken back at this moment"};
    Busy const busy(busy_, wanted.entry);
    auto const taken = co_await dependencies_.catalog.take_from_trash(wanted.entry, wanted.backup, wanted.manifest);
    if (taken) {
        co_await forget(wanted.entry);
        co_return wanted.backup;
    }
    if (taken.error().code != Errc::not_found) co_return taken.error();
    missing_.insert(wanted.entry);
    co_return why_missing(wanted, taken.error());
}

Error Trash::why_missing(DeletedBackup const& row, Error found) {
    auto const until = row.deleted + dependencies_.undelete_for();
    found.context +=
        ". It was removed by hand, or the trash folder is not the usual one at this moment: check what is "
        "mounted there. It stays in the list until " +
        format_rfc3339(until) + "; undelete it again once its folder is there";
    return found;
}

std::vector<DeletedBackup> Trash::entries() const {
    std::vector<DeletedBackup> newest_first(entries_.rbegin(), entries_.rend());
    std::erase_if(newest_first, [this](DeletedBackup const& row) { return busy_.contains(row.entry); });
    return newest_first;
}

std::uint64_t Trash::reclaimable_bytes() const {
    std::uint64_t bytes = 0;
    for (auto const& row : entries_)
        if (!missing_.contains(row.entry)) bytes += row.size_bytes;
    return bytes;
}

std::uint64_t Trash::reclaimable_files() const {
    auto const is_there = [this](DeletedBackup const& row) { return !missing_.contains(row.entry); };
    return files_of_a_deleted_backup * static_cast<std::uint64_t>(std::ranges::count_if(entries_, is_there));
}

}  // namespace sb::engine
