#pragma once
// Permanent removal of folders, through the trash. On a disk that is too full for the trash folder they are hidden and
// removed where they are, and if even that is refused, a backup loses its definition first and its manifest last: what
// remains after a crash never looks good. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/catalog/trash.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/ports/catalog.hpp"

#include <mutex>
#include <string>

namespace sb::catalog {

/// Removes what is in the trash already. What cannot be removed is reported, not an error: the backup is deleted.
ports::Removal remove_for_good(Trashed const& trashed);

/// Removes the landing folder. Errors as ports::Catalog::discard.
Result<ports::Removal> discard_landing(platform::Folder const& local_path, std::string const& landing);

/// Removes the backup. Errors as ports::Catalog::remove and open_removable(). `manifest_mutex` prevents a
/// set_protection() of the same backup between the check of its protection and the move.
Result<ports::Removal> remove_backup(platform::Folder const& local_path, std::string const& name,
                                     std::mutex& manifest_mutex);

}  // namespace sb::catalog
