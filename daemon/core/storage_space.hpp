#pragma once
// Whether an export fits into the free space, including what running exports will still write.

#include "daemon/core/job.hpp"
#include "daemon/core/trash_room.hpp"
#include "daemon/core/vm.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::core {

/// LocalPath's file system and the claims on it, bytes.
struct StorageSpace {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;        ///< 0 = not known, so nothing is refused
    std::uint64_t claimed_bytes = 0;      ///< what running exports will probably still write
    std::uint64_t reclaimable_bytes = 0;  ///< in the trash: it goes when an export needs the room
    std::optional<std::uint64_t>
        free_files{};                     ///< how many more it can have (inodes); nothing = it does not count them
    std::uint64_t reclaimable_files = 0;  ///< as reclaimable_bytes
    std::vector<TrashedCopy> kept{};      ///< of what is in the trash: not for an export of the same VM
};

/// An export needs its folder, the definition, an image for each disk and the manifest, which is written beside its
/// final name.
inline constexpr std::uint64_t files_of_an_export = 16;
/// What is certainly gone with a deleted backup: its folder, the definition and the manifest.
inline constexpr std::uint64_t files_of_a_deleted_backup = 3;

/// Never used for exports, so that manifests and journals can always be written: 1 %, at most 1 GiB.
std::uint64_t reserve_of(StorageSpace const& space);

/// Estimated size of an export of these disks: what the cluster reports as allocated, or the size of the VM's last
/// backup, as the journal knows it, if that is more; if neither is known (0), the capacity of the disks. Never more
/// than the capacity, which an export cannot exceed by much, whatever was claimed.
std::uint64_t expected_size(std::vector<Disk> const& disks, std::uint64_t last_backup_bytes);

/// What a running export will still write, estimated from its percentage.
std::uint64_t still_expected(Job const& job);

/// How many bytes must be free for an export of that size, beside the reserve and the claims.
std::uint64_t free_bytes_for(StorageSpace const& space, std::uint64_t need);

/// Nothing if LocalPath can take the files of one more export, whatever their sizes; otherwise why not.
std::optional<std::string> why_no_files(StorageSpace const& space);

/// Nothing if it fits, with its files, counting what is in the trash as free; otherwise why not: "the backup needs
/// about 12 GiB, but 3 GiB are free …".
std::optional<std::string> why_no_space(StorageSpace const& space, std::uint64_t need);
/// The same for an export of this VM, for which the deleted backups that may be its last good copy do not count as
/// free. The text names the newest of them, and how to take it back.
std::optional<std::string> why_no_space_for(VmUuid const& vm, StorageSpace space, std::uint64_t need);

}  // namespace sb::core
