#include "daemon/engine/trash.hpp"

#include "daemon/core/local_path_owner.hpp"
#include "daemon/core/storage_mark.hpp"
#include "daemon/core/storage_space.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sb::engine {

using namespace core;

namespace {

constexpr auto room_appears_within = std::chrono::minutes(1);
constexpr auto look_at_room_every = std::chrono::seconds(1);

DeletedBackup trash_row_of(Backup const& backup, std::string why, UtcTime now) {
    DeletedBackup row;
    row.backup = backup.name;
    row.deleted = now;
    row.why = std::move(why);
    if (!backup.manifest) return row;
    row.vm = backup.manifest->vm_uuid;
    row.vm_name = backup.manifest->vm_name;
    row.cluster_uuid = backup.manifest->cluster_uuid;
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
    co_await drop_rows_without_folder();
    co_return boost::system::in_place_value;
}

task<void> Trash::drop_rows_without_folder() {
    auto const found = co_await storage();
    if (found != Storage::known) co_return;
    auto const folders = co_await dependencies_.catalog.trash_entries();
    if (!folders) {
        spdlog::warn("the trash in LocalPath cannot be listed: {}", folders.error().context);
        co_return;
    }
    auto const rows = entries_;
    for (auto const& row : rows) {
        if (std::ranges::find(*folders, row.entry) != folders->end()) continue;
        spdlog::info("backup '{}' is no longer in the trash", row.backup);
        co_await forget(row.entry);
    }
    if (folders->size() > entries_.size())
        spdlog::warn(
            "the folder .scale-backup-trash in LocalPath has {} deleted backups that this daemon does not know: of "
            "another installation, or of a lost or later journal. They stay, and occupy space. If no other "
            "installation uses LocalPath: move what you need into LocalPath under the name in its scale-backup.json, "
            "and delete the other folders named deleted-...",
            folders->size() - entries_.size());
}

DeletedBackup const* Trash::find(std::string const& entry) const {
    auto const row = std::ranges::find(entries_, entry, &DeletedBackup::entry);
    return row == entries_.end() ? nullptr : &*row;
}

/// A row that stays in the journal is dropped by the next load().
task<void> Trash::forget(std::string entry) {
    std::erase_if(entries_, [&](DeletedBackup const& row) { return row.entry == entry; });
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
    bool const may_wait = !immediately && dependencies_.undelete_for() > Milliseconds::zero();
    if (may_wait) {
        auto const moved = co_await move(std::move(backup), std::move(why));
        if (!moved) co_return moved.error();
        if (*moved) co_return ports::Removal();
    }
    co_return co_await dependencies_.catalog.remove(std::move(folder));
}

task<Result<bool>> Trash::move(Backup backup, std::string why) {
    auto const known = co_await know_installation();
    if (!known) co_return known.error();
    auto const entry = co_await dependencies_.catalog.new_trash_entry();
    if (!entry) co_return entry.error();
    auto row = trash_row_of(backup, std::move(why), dependencies_.time.now());
    auto const freed = co_await dependencies_.catalog.freed_by_removing(folder_on_disk(backup));
    row.size_bytes = freed ? *freed : 0;  // unknown: no export counts on it
    row.entry = *entry;
    row.installation = installation_;
    auto const recorded = co_await dependencies_.journal.add_deleted(row);
    if (!recorded) {
        bool const is_too_full = co_await is_too_full_for_a_row(recorded.error());
        if (!is_too_full) co_return while_doing(recorded.error(), "'" + row.backup + "' is not deleted");
        spdlog::warn("backup '{}' cannot wait in the trash: {}", row.backup, recorded.error().context);
        co_return false;
    }
    auto const moved = co_await dependencies_.catalog.move_to_trash(folder_on_disk(backup), row.entry);
    if (moved) {
        entries_.push_back(std::move(row));
        co_return true;
    }
    // Normally it is where it was. If it may be in the trash, the row stays: it can then be taken back.
    auto const folders = co_await dependencies_.catalog.trash_entries();
    if (!folders || std::ranges::find(*folders, row.entry) != folders->end()) {
        entries_.push_back(std::move(row));
        co_return moved.error();
    }
    co_await forget(row.entry);
    if (moved.error().code != Errc::no_space) co_return moved.error();
    spdlog::warn("backup '{}' cannot wait in the trash: {}", row.backup, moved.error().context);
    co_return false;
}

DeletedBackup const* Trash::find_wanted(std::string const& backup) const {
    if (auto const* row = find(backup)) return row;
    auto const newest = std::ranges::find(entries_.rbegin(), entries_.rend(), backup, &DeletedBackup::backup);
    return newest == entries_.rend() ? nullptr : &*newest;
}

task<Result<std::string>> Trash::undelete(std::string backup) {
    auto const* row = find_wanted(backup);
    if (row == nullptr)
        co_return Error{Errc::not_found, "there is no deleted backup '" + backup +
                                             "'; show-backups --deleted lists those that can be taken back"};
    auto const wanted = *row;
    if (busy_.contains(wanted.entry))
        co_return Error{Errc::refused,
                        "the deleted backup '" + backup + "' is being removed or taken back at this moment"};
    Busy const busy(busy_, wanted.entry);
    auto const taken = co_await dependencies_.catalog.take_from_trash(wanted.entry, wanted.backup);
    if (taken) {
        co_await forget(wanted.entry);
        co_return wanted.backup;
    }
    if (taken.error().code != Errc::not_found) co_return taken.error();
    auto const found = co_await storage();
    if (found == Storage::known) co_await forget(wanted.entry);  // removed by hand
    co_return taken.error();
}

std::vector<DeletedBackup> Trash::entries() const {
    std::vector<DeletedBackup> newest_first(entries_.rbegin(), entries_.rend());
    std::erase_if(newest_first, [this](DeletedBackup const& row) { return busy_.contains(row.entry); });
    return newest_first;
}

std::uint64_t Trash::reclaimable_bytes() const {
    std::uint64_t bytes = 0;
    for (auto const& row : entries_) bytes += row.size_bytes;
    return bytes;
}

task<void> Trash::empty(DeletedBackup row, std::vector<std::string>& problems) {
    if (find(row.entry) == nullptr || busy_.contains(row.entry)) co_return;
    Busy const busy(busy_, row.entry);
    auto const removal = co_await dependencies_.catalog.empty_trash_entry(row.entry);
    if (!removal) {
        problems.push_back("deleted backup '" + row.backup +
                           "' could not be removed from the trash: " + removal.error().context);
        co_return;
    }
    if (!removal->remains.empty()) problems.push_back("deleted backup '" + row.backup + "': " + removal->remains);
    co_await forget(row.entry);
}

/// What was deleted while the clock was ahead would wait for years.
task<void> Trash::correct_times() {
    auto const now = dependencies_.time.now();
    std::vector<DeletedBackup> corrected;
    for (auto& row : entries_) {
        if (row.deleted <= now) continue;
        row.deleted = now;
        corrected.push_back(row);
    }
    for (auto const& row : corrected) {
        if (find(row.entry) == nullptr) continue;
        auto const recorded = co_await dependencies_.journal.add_deleted(row);
        if (!recorded) spdlog::warn("the time of an entry of the trash: {}", recorded.error().context);
    }
}

/// Removing many gigabytes takes a while, in which this may change.
task<bool> Trash::may_remove() {
    if (dependencies_.is_clock_in_doubt()) co_return false;
    if (!dependencies_.objection_to_deleting) co_return true;
    auto const objection = co_await dependencies_.objection_to_deleting();
    co_return objection.empty();
}

task<std::vector<std::string>> Trash::remove_expired() {
    std::vector<std::string> problems;
    if (entries_.empty() || dependencies_.is_clock_in_doubt()) co_return problems;
    auto const found = co_await storage();
    if (found == Storage::other) co_return problems;
    co_await correct_times();
    auto const rows = entries_;
    for (auto const& row : rows) {
        bool const is_expired = dependencies_.time.now() - row.deleted >= dependencies_.undelete_for();
        if (!is_expired) continue;
        bool const may = co_await may_remove();
        if (!may) break;
        co_await empty(row, problems);
    }
    co_return problems;
}

task<std::uint64_t> Trash::remove_oldest(std::uint64_t missing) {
    std::uint64_t removed = 0;
    std::vector<std::string> problems;
    auto const rows = entries_;
    for (auto const& row : rows) {
        if (removed >= missing) break;
        if (find(row.entry) == nullptr) continue;
        co_await empty(row, problems);
        if (find(row.entry) != nullptr) continue;
        spdlog::info("deleted backup '{}' was removed from the trash: an export needs the room", row.backup);
        removed += row.size_bytes;
    }
    for (auto const& problem : problems) spdlog::warn("{}", problem);
    co_return removed;
}

task<Result<std::uint64_t>> Trash::wait_for_room(std::uint64_t needed, SteadyTime until) {
    for (;;) {
        auto const space = co_await dependencies_.catalog.space();
        if (!space) co_return space.error();
        auto const now = dependencies_.time.steady_now();
        if (space->free_bytes >= needed || now >= until) co_return space->free_bytes;
        auto const wake = std::min<SteadyTime>(now + look_at_room_every, until);
        co_await dependencies_.time.sleep_until(wake);
    }
}

task<Result<void>> Trash::make_room(std::uint64_t needed) {
    if (entries_.empty()) co_return boost::system::in_place_value;
    auto const found = co_await storage();
    if (found == Storage::other) co_return boost::system::in_place_value;
    auto const space = co_await dependencies_.catalog.space();
    if (!space) co_return space.error();
    auto free_bytes = space->free_bytes;
    // In vain: then they stay, and can be taken back.
    if (free_bytes + reclaimable_bytes() < needed) co_return boost::system::in_place_value;
    std::optional<SteadyTime> until;
    // What a snapshot holds is not freed: then further entries go. All rounds wait one minute.
    while (free_bytes < needed) {
        auto const removed = co_await remove_oldest(needed - free_bytes);
        if (removed == 0) break;
        if (!until) until = dependencies_.time.steady_now() + room_appears_within;
        auto const now_free = co_await wait_for_room(needed, *until);
        if (!now_free) co_return now_free.error();
        free_bytes = *now_free;
    }
    co_return boost::system::in_place_value;
}

}  // namespace sb::engine
