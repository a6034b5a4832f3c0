#pragma once
// Deletes backups, and takes them back: what the rules or a person delete waits in the trash for [Schedule]
// UndeleteFor, and goes before that when an export needs the room (core/trash_room.hpp). An entry is a row of the
// journal, written before the folder is moved, so an entry without a row is another program's, and is not touched. A
// row whose folder is not in the trash stays until its time is over: LocalPath may not be mounted, something may be
// mounted over the trash, or a person has moved it for a moment. Only that a backup is under its name makes its row
// needless.

#include "daemon/async/async_mutex.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/deleted_backup.hpp"
#include "daemon/core/trash_room.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sb::engine {

/// The export that needs room. What it says of LocalPath holds only for what was deleted before `listed`.
struct RoomUse {
    VmUuid vm;                                   ///< empty = none in particular
    std::set<core::VmOfCluster> with_backups{};  ///< core::vms_with_good_backups()
    SteadyTime listed = SteadyTime::max();       ///< when their listing began
};

class Trash {
public:
    struct Dependencies {
        ports::Catalog& catalog;
        ports::Journal& journal;
        ports::Time& time;
        /// How long an entry can be taken back; zero = deleted immediately.
        std::function<Milliseconds()> undelete_for;
        /// Entries are kept while the clock may be wrong, unless their room is needed.
        std::function<bool()> is_clock_in_doubt;
        /// Why nothing may be deleted now (OrderGate); empty = it may. Asked before an entry is removed for its age.
        std::function<task<std::string>()> objection_to_deleting = {};
    };

    explicit Trash(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Reads the rows, and drops those whose backup is under its name. Call it before anything else; after an error
    /// each later call tries it again.
    task<Result<void>> load();

    /// Deletes a backup. The caller holds its lease alone and has decided. `immediately`: without waiting in the trash;
    /// so does a disk that is too full for the trash or for the row. Errors as ports::Catalog::remove, and those of the
    /// journal if the row cannot be written: then it is not deleted.
    task<Result<ports::Removal>> remove(core::Backup backup, std::string why, bool immediately);
    /// As remove() without `immediately`, but never for good: `refused`, with the reason, if the disk is too full for
    /// the trash or for the row. While waiting is switched off, it is deleted immediately.
    task<Result<ports::Removal>> remove_undoably(core::Backup backup, std::string why);
    /// By its name (the one that was deleted last) or its entry. It gets its name back, and is protected. `not_found`;
    /// `name_in_use`, and `refused` while it is being removed or if another folder is in its place: the entry stays
    /// listed, as after any other error.
    task<Result<std::string>> undelete(std::string backup);
    /// Newest first, without those that are being removed.
    std::vector<core::DeletedBackup> entries() const;

    /// Removes what has waited long enough. Returns problems, for people.
    task<std::vector<std::string>> remove_expired();
    /// Removes entries, in the order of core::removable_for(), until LocalPath has `needed` free bytes and room for
    /// that many files, or none is left that may go, and waits, a minute at most, until the file system shows the room
    /// (ZFS frees later). Success does not mean that there is enough.
    task<Result<void>> make_room(std::uint64_t needed, std::uint64_t needed_files = 0, RoomUse use = RoomUse());
    /// What is in the trash, as far as known, the oldest deletion first, without what is being removed or taken back.
    std::vector<core::TrashedCopy> copies() const;
    /// What make_room() could free, bytes, without what was not there at the last look.
    std::uint64_t reclaimable_bytes() const;
    /// Likewise: how many files at least.
    std::uint64_t reclaimable_files() const;

private:
    enum class Storage { known, unmarked, other };

    /// Bytes, and files as far as the file system counts them.
    struct Room {
        std::uint64_t bytes = 0;
        std::uint64_t files = 0;
    };

    struct Moved {
        SteadyTime at;
        core::CopyWorth worth = core::CopyWorth::unknown;
        UtcTime started{};
    };

    /// An entry that is being removed or taken back: nothing else is done with it meanwhile.
    class Busy {
    public:
        Busy(std::set<std::string>& entries, std::string entry) : entries_(entries), entry_(std::move(entry)) {
            entries_.insert(entry_);
        }
        Busy(Busy const&) = delete;
        Busy& operator=(Busy const&) = delete;
        ~Busy() { entries_.erase(entry_); }

    private:
        std::set<std::string>& entries_;
        std::string entry_;
    };

    task<Storage> storage();
    task<void> load_late();
    task<void> compare_with_folders();
    /// The folders in the trash. Notes whose are missing.
    task<Result<std::vector<std::string>>> list_folders();
    /// Whether the backup is under its name: a crash came before it was moved, or its row was not forgotten after it
    /// had been taken back.
    task<bool> is_in_place(core::DeletedBackup row);
    Error why_missing(core::DeletedBackup const& row, Error found);
    task<Result<void>> know_installation();
    /// Returns why the disk is too full for the row or the trash; empty = it is in the trash.
    task<Result<std::string>> move(core::Backup backup, std::string why);
    task<bool> is_too_full_for_a_row(Error problem);
    core::DeletedBackup const* find(std::string const& entry) const;
    core::DeletedBackup const* find_wanted(std::string const& backup) const;
    task<void> forget(std::string entry);
    /// Removes the files of one entry, unless something else is done with it, and adds what people should know of that.
    task<void> empty(core::DeletedBackup row, std::vector<std::string>& problems);
    task<void> correct_times();
    task<bool> may_remove();
    bool is_expired(core::DeletedBackup const& row) const;
    /// What there is not enough of.
    static Room missing_in(ports::Space const& space, Room needed);
    /// What may be removed for that export, in this order.
    std::vector<core::TrashedCopy> removable(RoomUse use) const;
    /// Removes these, one after the other, until about that much is gone. Returns how much it was.
    task<Room> remove_first(std::vector<core::TrashedCopy> order, Room missing);
    task<Result<ports::Space>> wait_for_room(Room needed, SteadyTime until);

    Dependencies dependencies_;
    std::string installation_;                  ///< this daemon's; empty = it has no name yet
    std::vector<core::DeletedBackup> entries_;  ///< oldest first, as in the journal
    std::set<std::string> busy_;                ///< entries
    std::set<std::string> missing_;             ///< entries that were not in the trash at the last look
    bool is_loaded_ = false;
    std::map<std::string, Moved> moved_;  ///< the entries that this process has moved there
    AsyncMutex removing_;                 ///< one call at a time removes entries
};

}  // namespace sb::engine
