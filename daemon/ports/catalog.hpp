#pragma once
// What the engine needs of the share's folder. Real: daemon/catalog (with daemon/verify). All calls
// run off the event loop and come back to it.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/manifest.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sb::ports {

/// What must be in a folder for it to be that VM's backup.
struct Expectation {
    std::string folder;
    std::string definition_file;
    std::vector<core::Disk> disks;  ///< every device for which core::is_exported() must have its image
};

struct Space {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;
};

/// What a folder looks like from outside: two equal ones some time apart mean that nobody writes.
struct FolderStats {
    bool there = false;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    UtcTime newest_change = {};  ///< of a file's content
    bool operator==(FolderStats const&) const = default;
};

/// What tells one LocalPath from another.
struct StorageMark {
    std::string path;
    std::string id;            ///< empty = it has none
    bool has_backups = false;  ///< at least one folder with a manifest
};

class Catalog {
public:
    virtual ~Catalog() = default;

    /// Refuses a name that exists already (`name_in_use`, also when only its case differs) or that
    /// cannot be a folder on every system (`invalid_name`).
    virtual task<Result<void>> check_new_name(std::string folder) = 0;

    /// Looks at what arrived: the definition parses and names only disks that are there, every expected
    /// disk is there, each image's header and tables lie inside the file, and its virtual size is the
    /// expected one. Errors: share_not_visible (no such folder here), incomplete_backup, damaged_backup, io.
    virtual task<Result<std::vector<core::BackupFile>>> inspect(Expectation expected) = 0;

    /// Writes the manifest into the folder, last and durably. After this the backup exists.
    virtual task<Result<void>> commit(core::Manifest manifest) = 0;
    /// Brings a manifest that was found to the disk: a commit that was cut short may have left it in the system's
    /// cache.
    virtual task<Result<void>> settle(std::string folder) = 0;

    /// Removes the folder of an export of ours that must not look like a backup. Refuses a folder that
    /// holds a manifest. A folder that is not there is fine.
    virtual task<Result<void>> discard(std::string folder) = 0;

    /// Removes a backup for good, by way of the trash folder: a crash in between leaves nothing that looks like a
    /// backup. Refuses a folder without a manifest and a protected one. A folder that is not there is `not_found`.
    virtual task<Result<void>> remove(std::string folder) = 0;
    /// Notes in the manifest that retention must leave this backup alone, or may touch it again.
    virtual task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) = 0;

    virtual task<Result<bool>> exists(std::string folder) = 0;
    /// A folder that is not there is no error.
    virtual task<Result<FolderStats>> sight(std::string folder) = 0;
    /// `not_found` if there is no such folder.
    virtual task<Result<core::Backup>> find(std::string folder) = 0;
    virtual task<Result<std::vector<core::Backup>>> list() = 0;
    virtual task<Result<Space>> space() = 0;

    /// Which run of the machine this is whose disk LocalPath is on: another text after each start of it. Empty if that
    /// is not known: another machine's disk.
    virtual task<std::string> boot_of_disk() = 0;

    virtual task<Result<StorageMark>> storage_mark() = 0;
    /// Gives LocalPath a mark of its own. The mark.
    virtual task<Result<std::string>> mark_storage() = 0;
};

}  // namespace sb::ports
