#pragma once
// The daemon's folder under LocalPath for backups that are being deleted: a backup that is moved there immediately
// stops being one, and a crash in the middle leaves no half-deleted backup. A folder named "removing-" and 16 hex
// digits is being removed; one named "deleted-" and 16 hex digits waits and can be taken back (trash_entries.hpp).
// Whatever else lies there is a person's or another program's. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/platform/folder.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sb::catalog {

inline constexpr char const* trash_name = ".scale-backup-trash";
/// Before 16 hex digits: a folder of LocalPath that is being removed where it is, because the disk is too full for the
/// trash.
inline constexpr std::string_view removing_prefix = ".scale-backup-removing-";
/// Before 16 hex digits: a test whether LocalPath can be written (ports::Catalog::probe).
inline constexpr std::string_view probe_prefix = ".scale-backup-probe-";

/// A folder that this process is going to remove. While this object lives, empty_trash() skips the folder.
class Trashed {
public:
    Result<void> remove() const { return parent_.remove_tree(name_); }
    std::string path() const { return parent_.path() + "/" + name_; }

private:
    friend Result<Trashed> move_to_trash(platform::Folder const&, std::string const&, platform::Folder const&);
    friend Result<Trashed> hide_for_removal(platform::Folder const&, std::string const&, platform::Folder const&);
    friend Result<Trashed> begin_removal(platform::Folder, std::string const&);
    Trashed(platform::Folder parent, std::string name, std::shared_ptr<void> name_in_use)
        : parent_(std::move(parent)), name_(std::move(name)), name_in_use_(std::move(name_in_use)) {}

    platform::Folder parent_;
    std::string name_;
    std::shared_ptr<void> name_in_use_;
};

/// The trash folder; nothing if it does not exist. `refused` if a file system is mounted there: what waits in the trash
/// is below it, and must not count as gone.
Result<std::optional<platform::Folder>> open_trash(platform::Folder const& local_path);

/// Moves `name` into `trash` as `new_name`, if it is still the folder that was checked: any user who can write to the
/// share may have replaced it by another folder or a link meanwhile. In that case `refused`, and the replacement is
/// moved back. After any error it is where it was, or the error says where it is.
Result<void> move_checked(platform::Folder const& local_path, std::string const& name, platform::Folder const& trash,
                          std::string const& new_name, platform::Folder const& checked);

/// Moves `name` into the trash for its removal, as move_checked().
Result<Trashed> move_to_trash(platform::Folder const& local_path, std::string const& name,
                              platform::Folder const& checked);
/// The same without the trash: hides `name` in LocalPath itself, where a full disk may still allow it.
Result<Trashed> hide_for_removal(platform::Folder const& local_path, std::string const& name,
                                 platform::Folder const& checked);
/// Renames an entry of the trash, so that what remains after a crash is removed and not offered.
Result<Trashed> begin_removal(platform::Folder trash, std::string const& entry);

/// While the result lives, empty_trash() of this process leaves the probe with this name alone.
std::shared_ptr<void> hold_probe(std::string const& name);

/// Whether it is the name of an entry that waits and can be taken back.
bool is_trash_entry(std::string_view name);

/// Finishes interrupted removals. Returns the number of folders. A folder that cannot be removed does not stop the
/// others. Entries that can be taken back stay, whichever daemon they belong to.
Result<std::size_t> empty_trash(platform::Folder const& local_path);

}  // namespace sb::catalog
