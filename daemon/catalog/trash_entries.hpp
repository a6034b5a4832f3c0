#pragma once
// Backups in the trash that can be taken back: folders "deleted-<16 hex digits>" of trash.hpp. Which of them belong to
// this daemon is in its journal. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/ports/catalog.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace sb::catalog {

// As in ports::Catalog. `manifest_mutex`: as for set_protection().
Result<std::uint64_t> freed_by_removing(platform::Folder const& local_path, std::string const& name);
Result<std::string> new_trash_entry(platform::Folder const& local_path);
Result<void> move_backup_to_trash(platform::Folder const& local_path, std::string const& name, std::string const& entry,
                                  std::mutex& manifest_mutex);
/// The manifest is changed first: no interruption leaves a backup that is not protected.
Result<void> take_from_trash(platform::Folder const& local_path, std::string const& entry, std::string const& name,
                             std::string const& identity, std::mutex& manifest_mutex);
/// The entry gets another name first, or loses its manifest: no interruption leaves a part of it that could be taken
/// back.
Result<ports::Removal> empty_trash_entry(platform::Folder const& local_path, std::string const& entry);
Result<std::vector<std::string>> trash_entries(platform::Folder const& local_path);

}  // namespace sb::catalog
