#pragma once
// What the engine needs of the share's folder. Real: daemon/catalog (with daemon/verify). Fake: tests/simulation. All
// calls run off the event loop and return to it.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/restored_vm.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::ports {

/// What a folder must contain to be that VM's backup.
struct Expectation {
    std::string folder;
    std::string definition_file;
    std::vector<core::Disk> disks;  ///< every device for which core::is_exported() must have its image
};

struct Space {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;
    std::optional<std::uint64_t>
        free_files{};  ///< how many more it can have (inodes); nothing = it does not count them
};

/// A folder's counts and times: equal ones some time apart mean that nothing writes to it.
struct FolderStats {
    bool exists = false;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    UtcTime newest_change = {};      ///< of a file's content
    UtcTime folder_changed = {};     ///< when a name was last added, removed or changed in it
    std::string foreign_entry = {};  ///< the first file or folder in it that no export writes and that is not known to
                                     ///< come from a NAS, Windows or macOS; empty = none
    bool operator==(FolderStats const&) const = default;
};

/// A folder that is deleted: it has disappeared from LocalPath, and its name is free.
struct Removal {
    std::string remains;  ///< what could not be removed from the trash folder, why, and what to do; empty = all is gone
};

/// What distinguishes one LocalPath from another.
struct StorageMark {
    std::string path;
    std::string id;            ///< empty = none
    bool has_backups = false;  ///< at least one folder with a manifest; looked for only without a mark
};

class Catalog {
public:
    virtual ~Catalog() = default;

    /// Eight random hex digits for a landing folder of this backup that does not exist yet (core/landing.hpp).
    virtual task<Result<std::string>> new_attempt(std::string backup) = 0;

    /// Refuses a name that exists already (`name_in_use`, also when only its case differs) or that
    /// cannot be a folder on every system, or is one of a landing folder (`invalid_name`).
    virtual task<Result<void>> check_new_name(std::string folder) = 0;

    /// Inspects an export: the definition parses and names only disks that exist, every expected disk exists, each
    /// image's header and tables lie inside the file, and its virtual size is the expected one. Errors:
    /// share_not_visible (no such folder here), incomplete_backup, damaged_backup, io.
    virtual task<Result<std::vector<core::BackupFile>>> inspect(Expectation expected) = 0;

    /// Flushes the files that the manifest lists to disk, then writes it into the folder, durably. In a folder with the
    /// backup's name (adopting), this is what makes it a backup.
    virtual task<Result<void>> write_manifest(std::string folder, core::Manifest manifest) = 0;

    /// The manifest that an export into this landing folder wrote, wherever its folder is now: there, or already under
    /// the backup's name. Nothing if there is none: a manifest of another attempt does not count, nor a copy that lacks
    /// files. Errors: `incomplete_backup` and `damaged_backup` if the manifest is there, but not the files that it
    /// lists (it can no longer become a backup); any other says what prevented the look.
    virtual task<Result<std::optional<core::Manifest>>> find_manifest(std::string landing, std::string backup) = 0;

    /// Gives a landing folder that has its manifest the backup's name, replacing nothing, and flushes that: after this
    /// the backup exists. A name that is taken, as the share compares names, is numbered: "NAME (2)"; the manifest then
    /// says so too. Returns the name. Repeating it after an interruption finishes it. Errors that no repetition
    /// changes: `not_found` if neither the landing folder nor the backup has a manifest of this attempt;
    /// `incomplete_backup` and `damaged_backup` if the files are no longer those that the manifest lists (nothing is
    /// renamed). Any other says what refused the rename.
    virtual task<Result<std::string>> commit(std::string landing, std::string backup) = 0;

    /// Removes a landing folder. Refuses any other folder, one with a manifest, and one with a foreign entry. Succeeds
    /// if it does not exist. An error means that it is not deleted.
    virtual task<Result<Removal>> discard(std::string landing) = 0;

    /// Deletes a backup permanently, through the trash folder, or without it if the disk is too full to make one: a
    /// crash in between leaves nothing that looks like a good backup. Refuses a folder without a manifest and a
    /// protected one. `not_found` if it does not exist. An error means that it is not deleted.
    virtual task<Result<Removal>> remove(std::string folder) = 0;

    /// The bytes that removing this folder would free: less than its files' sizes where they are sparse, compressed or
    /// hard links. What a snapshot still holds is not known.
    virtual task<Result<std::uint64_t>> freed_by_removing(std::string folder) = 0;
    /// A random name for an entry of the trash folder that does not exist yet.
    virtual task<Result<std::string>> new_trash_entry() = 0;
    /// Moves a backup into the trash folder under this name, flushed to disk. Errors and refusals as remove();
    /// `no_space` if the disk is too full for that: remove() may still succeed. An error means that the backup is where
    /// it was.
    virtual task<Result<void>> move_to_trash(std::string folder, std::string entry) = 0;
    /// Moves it back under this name, replacing nothing, and protects it. `identity`: core::identity_of() the manifest
    /// that it must have; empty = not known. `name_in_use`, `not_found`, `refused` if another folder is in its place:
    /// it stays in the trash, as after any other error.
    virtual task<Result<void>> take_from_trash(std::string entry, std::string folder, std::string identity) = 0;
    /// Removes an entry's files. Succeeds if it does not exist. An error means that it is still an entry.
    virtual task<Result<Removal>> empty_trash_entry(std::string entry) = 0;
    /// The names of all entries in the trash folder that new_trash_entry() could have given. `refused`, as from the
    /// other calls for entries, if a file system is mounted over the trash folder: what waits there cannot be seen.
    virtual task<Result<std::vector<std::string>>> trash_entries() = 0;

    /// Notes in the manifest that retention must leave this backup alone, or may touch it again.
    virtual task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) = 0;
    /// Notes in the manifest that a person accepts this export as complete.
    virtual task<Result<core::Backup>> accept(std::string folder) = 0;

    /// Reads definition, all qcow2 tables and samples of each image (first, last and 64 random MiB), past the cache. Of
    /// a backup with digests, the samples must be what was verified.
    /// Errors: `damaged_backup` and `incomplete_backup`: it is bad; `not_found`; any other: it could not be read.
    virtual task<Result<void>> check_readable(std::string folder) = 0;
    /// What the file system says about each file of a backup, its manifest among them, as text to compare: it differs
    /// once one of them was changed or replaced (platform::Folder::state()). The last line is core::manifest_says and
    /// the digest of what the manifest names. Flushes the files, reads only the manifest. Errors as check_readable().
    virtual task<Result<std::string>> file_states(std::string folder) = 0;
    /// What the definition in a backup says about its VM. Errors as check_readable().
    virtual task<Result<core::DefinedVm>> defined_vm(std::string folder, std::string file) = 0;
    /// Writes, flushes, renames and removes a small file: whether LocalPath takes exports.
    virtual task<Result<void>> probe() = 0;

    virtual task<Result<bool>> exists(std::string folder) = 0;
    /// A folder that does not exist is not an error.
    virtual task<Result<FolderStats>> folder_stats(std::string folder) = 0;
    /// `not_found` if there is no such folder.
    virtual task<Result<core::Backup>> find(std::string folder) = 0;
    /// All, without the files, tags and notes of manifests.
    virtual task<Result<std::vector<core::Backup>>> list() = 0;
    /// The names of the landing folders, whatever ordered them.
    virtual task<Result<std::vector<std::string>>> landing_folders() = 0;
    virtual task<Result<Space>> space() = 0;

    /// The boot id of the machine with LocalPath's disk; differs after each boot. Empty if unknown: another machine's
    /// disk.
    virtual task<std::string> boot_of_disk() = 0;

    virtual task<Result<StorageMark>> storage_mark() = 0;
    /// Gives LocalPath its own mark and returns it.
    virtual task<Result<std::string>> mark_storage() = 0;

    /// The file that says which installation makes this cluster's backups in LocalPath (core/local_path_owner.hpp);
    /// nothing if there is none; `refused` if what has its name is too long or not a file. `cluster`: its uuid.
    virtual task<Result<std::optional<std::string>>> owner_file(std::string cluster) = 0;
    /// The clusters that have such a file, sorted, whatever has the name. `refused` if there are more than
    /// core::max_owner_files.
    virtual task<Result<std::vector<std::string>>> owner_files() = 0;
    virtual task<Result<void>> write_owner_file(std::string cluster, std::string text) = 0;
};

}  // namespace sb::ports
