// What waits in the trash goes: when its time is over, and before that when an export needs the room.
#include "daemon/engine/trash.hpp"

#include "daemon/core/storage_space.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>

namespace sb::engine {

using namespace core;

namespace {

constexpr auto room_appears_within = std::chrono::minutes(1);
constexpr auto look_at_room_every = std::chrono::seconds(1);

}  // namespace

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

/// By both clocks: the wall clock may have been behind when it was deleted, and be corrected since.
bool Trash::is_expired(DeletedBackup const& row) const {
    auto const limit = dependencies_.undelete_for();
    auto const moved = moved_.find(row.entry);
    bool const is_too_new = moved != moved_.end() && dependencies_.time.steady_now() - moved->second.at < limit;
    return !is_too_new && dependencies_.time.now() - row.deleted >= limit;
}

task<std::vector<std::string>> Trash::remove_expired() {
    std::vector<std::string> problems;
    co_await load_late();
    if (entries_.empty() || dependencies_.is_clock_in_doubt()) co_return problems;
    auto const found = co_await storage();
    if (found == Storage::other) co_return problems;
    co_await correct_times();
    // What was missing may be there again. Without the list, the entries below say what is wrong.
    auto const folders = co_await list_folders();
    if (!folders) spdlog::debug("the trash in LocalPath cannot be listed: {}", folders.error().context);
    auto const rows = entries_;
    for (auto const& row : rows) {
        if (!is_expired(row)) continue;
        auto const alone = co_await removing_.lock();
        bool const may = co_await may_remove();
        if (!may) break;
        co_await empty(row, problems);
    }
    co_return problems;
}

Trash::Room Trash::missing_in(ports::Space const& space, Room needed) {
    Room missing;
    missing.bytes = needed.bytes - std::min(needed.bytes, space.free_bytes);
    if (space.free_files) missing.files = needed.files - std::min(needed.files, *space.free_files);
    return missing;
}

std::vector<TrashedCopy> Trash::copies() const {
    std::vector<TrashedCopy> copies;
    for (auto const& row : entries_) {
        if (missing_.contains(row.entry) || busy_.contains(row.entry)) continue;
        TrashedCopy copy;
        copy.entry = row.entry;
        copy.backup = row.backup;
        copy.vm = row.vm;
        copy.cluster_uuid = row.cluster_uuid;
        copy.size_bytes = row.size_bytes;
        if (auto const moved = moved_.find(row.entry); moved != moved_.end()) {
            copy.worth = moved->second.worth;
            copy.started = moved->second.started;
        }
        copies.push_back(std::move(copy));
    }
    return copies;
}

/// A VM whose backup was deleted after the listing may have no other one.
std::vector<TrashedCopy> Trash::removable(RoomUse use) const {
    auto const trash = copies();
    for (auto const& copy : trash) {
        auto const moved = moved_.find(copy.entry);
        bool const is_newer = moved != moved_.end() && moved->second.at >= use.listed;
        if (is_newer) std::erase_if(use.with_backups, [&](VmOfCluster const& vm) { return vm.first == copy.vm; });
    }
    auto const last = last_copies(trash, use.with_backups);
    return removable_for(use.vm, trash, last);
}

task<Trash::Room> Trash::remove_first(std::vector<TrashedCopy> order, Room missing) {
    Room removed;
    std::vector<std::string> problems;
    for (auto const& copy : order) {
        if (removed.bytes >= missing.bytes && removed.files >= missing.files) break;
        auto const* found = find(copy.entry);
        if (found == nullptr || missing_.contains(copy.entry)) continue;
        auto const row = *found;
        co_await empty(row, problems);
        if (find(row.entry) != nullptr) continue;
        spdlog::info("deleted backup '{}' was removed from the trash: an export needs the room", row.backup);
        removed.bytes += row.size_bytes;
        removed.files += files_of_a_deleted_backup;
    }
    for (auto const& problem : problems) spdlog::warn("{}", problem);
    co_return removed;
}

task<Result<ports::Space>> Trash::wait_for_room(Room needed, SteadyTime until) {
    for (;;) {
        auto const space = co_await dependencies_.catalog.space();
        if (!space) co_return space.error();
        auto const now = dependencies_.time.steady_now();
        auto const missing = missing_in(*space, needed);
        bool const is_enough = missing.bytes == 0 && missing.files == 0;
        if (is_enough || now >= until) co_return *space;
        auto const wake = std::min<SteadyTime>(now + look_at_room_every, until);
        co_await dependencies_.time.sleep_until(wake);
    }
}

task<Result<void>> Trash::make_room(std::uint64_t needed_bytes, std::uint64_t needed_files, RoomUse use) {
    co_await load_late();
    // What another call is removing is free afterwards, so that less has to go, or nothing.
    auto const alone = co_await removing_.lock();
    if (entries_.empty()) co_return boost::system::in_place_value;
    auto const found = co_await storage();
    if (found == Storage::other) co_return boost::system::in_place_value;
    auto const folders = co_await list_folders();
    if (!folders) co_return folders.error();
    auto const space = co_await dependencies_.catalog.space();
    if (!space) co_return space.error();
    Room needed;
    needed.bytes = needed_bytes;
    needed.files = needed_files;
    auto missing = missing_in(*space, needed);
    // In vain: then they stay, and can be taken back.
    std::uint64_t most = 0;
    for (auto const& copy : removable(use)) most += copy.size_bytes;
    if (missing.bytes > most) co_return boost::system::in_place_value;
    std::optional<SteadyTime> until;
    // What a snapshot holds is not freed: then further entries go. All rounds wait one minute.
    while (missing.bytes > 0 || missing.files > 0) {
        auto order = removable(use);
        auto const removed = co_await remove_first(std::move(order), missing);
        if (removed.files == 0) break;
        if (!until) until = dependencies_.time.steady_now() + room_appears_within;
        auto const now_free = co_await wait_for_room(needed, *until);
        if (!now_free) co_return now_free.error();
        missing = missing_in(*now_free, needed);
    }
    co_return boost::system::in_place_value;
}

}  // namespace sb::engine
