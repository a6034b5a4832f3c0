#pragma once
// What scale-backup.json says of a finished backup. Written last; a backup exists only when it does.

#include "common/ids.hpp"
#include "common/time.hpp"
#include "daemon/core/vm.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::core {

inline constexpr int manifest_version = 1;
inline constexpr char const* manifest_file_name = "scale-backup.json";

/// One file of a backup, as it was when it was inspected.
struct BackupFile {
    std::string name;
    std::string role;                 ///< "definition", "disk" or "other"
    std::uint64_t size_bytes = 0;     ///< as ls shows it
    std::uint64_t virtual_bytes = 0;  ///< disks: what the guest sees; else 0
    bool operator==(BackupFile const&) const = default;
};

/// How far a backup has been proven, and when.
struct Verified {
    std::string level;  ///< "structure": definition, disks, headers and tables agree
    UtcTime at;
    bool operator==(Verified const&) const = default;
};

struct Manifest {
    std::string backup;  ///< the folder's name when it was written
    VmUuid vm_uuid;
    std::string vm_name;
    std::vector<std::string> vm_tags;
    bool scheduled = false;
    bool is_protected = false;
    std::string cluster_host;
    TaskTag task_tag;
    JobId job = 0;
    UtcTime started, completed;
    std::string definition_file;
    std::vector<Disk> disks;
    std::vector<BackupFile> files;
    std::optional<Verified> verified;
    std::string program;  ///< "scale-backupd 0.1.0"
    bool operator==(Manifest const&) const = default;
};

enum class BackupState { exporting, complete, unverified, incomplete, damaged };

/// A folder under LocalPath that is, was or may become a backup.
struct Backup {
    std::string name;
    BackupState state = BackupState::unverified;
    std::optional<Manifest> manifest;
    std::uint64_t size_bytes = 0;  ///< of the files that the manifest names and its own; without one, of all in the folder
    std::string problem;  ///< in words, for every state but complete
};

std::string_view name_of(BackupState state);

}  // namespace sb::core
