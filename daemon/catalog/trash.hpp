#pragma once
// The daemon's own folder under LocalPath for what is being deleted: a backup that is moved there stops being one at
// once, and a kill in the middle leaves nothing half. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/platform/folder.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace sb::catalog {

inline constexpr char const* trash_name = ".scale-backup-trash";

/// A folder in the trash that this process put there. While it lives, empty_trash() leaves the folder to its owner.
class Trashed {
public:
    Result<void> remove() const { return trash_.remove_tree(number_); }
    std::string path() const { return trash_.path() + "/" + number_; }

private:
    friend Result<Trashed> move_to_trash(platform::Folder const&, std::string const&, platform::Folder const&);
    Trashed(platform::Folder trash, std::string number, std::shared_ptr<void> in_hand)
        : trash_(std::move(trash)), number_(std::move(number)), in_hand_(std::move(in_hand)) {}

    platform::Folder trash_;
    std::string number_;
    std::shared_ptr<void> in_hand_;
};

/// Moves `name` into the trash, if it is still the folder that was looked at: whoever can write into the share could
/// have put another one, or a link, in its place meanwhile. Then `refused`, and that one is put back.
Result<Trashed> move_to_trash(platform::Folder const& local_path, std::string const& name,
                              platform::Folder const& looked_at);

/// Ends removals that were begun and could not be ended. The number of folders. One that resists does not keep the
/// others.
Result<std::size_t> empty_trash(platform::Folder const& local_path);

}  // namespace sb::catalog
