#pragma once
// The daemon's folder under LocalPath for backups that are being deleted: a backup that is moved there immediately
// stops being one, and a crash in the middle leaves no half-deleted backup. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/platform/folder.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace sb::catalog {

inline constexpr char const* trash_name = ".scale-backup-trash";

/// A folder that this process moved to the trash. While this object lives, empty_trash() skips the folder.
class Trashed {
public:
    Result<void> remove() const { return trash_.remove_tree(number_); }
    std::string path() const { return trash_.path() + "/" + number_; }

private:
    friend Result<Trashed> move_to_trash(platform::Folder const&, std::string const&, platform::Folder const&);
    Trashed(platform::Folder trash, std::string number, std::shared_ptr<void> numbers_in_use)
        : trash_(std::move(trash)), number_(std::move(number)), number_in_use_(std::move(numbers_in_use)) {}

    platform::Folder trash_;
    std::string number_;
    std::shared_ptr<void> number_in_use_;
};

/// Moves `name` into the trash, if it is still the folder that was checked: any user who can write to the share may
/// have replaced it by another folder or a link meanwhile. In that case `refused`, and the replacement is moved back.
Result<Trashed> move_to_trash(platform::Folder const& local_path, std::string const& name,
                              platform::Folder const& checked);

/// Finishes interrupted removals. Returns the number of folders. A folder that cannot be removed does not stop the
/// others.
Result<std::size_t> empty_trash(platform::Folder const& local_path);

}  // namespace sb::catalog
